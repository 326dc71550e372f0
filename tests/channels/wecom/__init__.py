"""The WeCom channel: pure parts by themselves, the whole against the simulator of its server."""
