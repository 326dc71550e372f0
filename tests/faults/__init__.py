"""What goes wrong, made to go wrong: the whole program under faults, judged by its database and by what people were shown."""
