"""What admins read when a platform is not well."""

import pytest

from handlers.reach.alarming import alarm
from tests.engine import Engine


@pytest.fixture
def engine(database):
    return Engine(database)


def told(engine):
    return [parcel.reply.text for parcel in engine.delivered("telegram")]


def test_every_admin_reads_it_once_a_day_and_nobody_else(engine):
    engine.person("王敏", "司法局", role="admin")
    engine.person("张三", "住建局")
    refused = {"code": "60020", "ip": "1.2.3.4"}
    for _ in range(2):
        engine.write(lambda store: alarm(store, "wecom", "refused", refused, engine.house, engine.now))
    (text,) = told(engine)
    assert "60020" in text
    assert "1.2.3.4" in text
    assert "xuefa doctor" in text
    engine.after(days=1)
    engine.write(lambda store: alarm(store, "wecom", "refused", refused, engine.house, engine.now))
    assert len(told(engine)) == 1


def test_different_troubles_are_told_apart(engine):
    engine.person("王敏", "司法局", role="admin")
    for code in ("kicked", "inactive_alert"):
        engine.write(lambda store, c=code: alarm(store, "wecom_bot", c, {}, engine.house, engine.now))
    assert len(told(engine)) == 2
