"""Conversations as a legal officer reads them, one a file, and what plays them: `playing` the grammar, `limits` the channels."""
