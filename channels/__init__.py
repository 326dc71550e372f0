"""How people reach us. Async. One folder per platform; each turns what its platform says into Incoming, and a Reply into what it can show."""
