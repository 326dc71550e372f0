"""The long connection of the 智能机器人, against the simulator of its server."""
