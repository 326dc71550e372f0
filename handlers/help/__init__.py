"""What anybody may ask of the program itself: help, why, complaints and corrections."""
