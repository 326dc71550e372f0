"""The rooms of the WeCom simulator; `tests.fakes.wecom.simulator` is its door."""
