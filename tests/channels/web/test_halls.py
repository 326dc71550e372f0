"""Exams sat together: a hall is entered by pressing, and a code signs a shared device in until 交卷."""

from __future__ import annotations

import re

from storage import halls
from storage.tables import attempt
from tests.channels.web.test_exam import Sitting, sitting

__all__ = ["sitting"]


def code_for(sitting: Sitting, name: str = "李四") -> str:
    said = sitting.engine.says(name, "考试码")[0].text
    return re.search(r"：([0-9A-Z ]{12})\n", said)[1]


def test_a_code_signs_a_shared_device_in_until_handing_in(sitting):
    with sitting.site.client(secret=None) as browser:
        page = browser.get("/seat")
        assert "输入考试码" in page.text
        page = browser.get("/seat", params={"code": code_for(sitting).lower()})
        assert "您是住建局李四吗？" in page.text
        code = re.search(r'name="code" value="(\w+)"', page.text)[1]
        wrong = browser.post("/seat", data={"key": "1", "code": code, "digits": "9999"})
        assert "还可以试 2 次" in wrong.text
        page = browser.post("/seat", data={"key": "2", "code": code, "digits": "1234"}, follow_redirects=True)
        assert "本人独立作答" in page.text
        paper = int(re.search(r'action="/exam/(\d+)"', page.text)[1])
        assert browser.get("/").headers["location"] == "/exam"
        assert browser.get("/files/1").status_code == browser.get("/materials").status_code == 403
        browser.post(f"/exam/{paper}", data={"key": "3"}, follow_redirects=True)
        browser.post(f"/exam/{paper}/1", data={"key": "4", "pick": "A", "go": "save"})
        page = browser.post(f"/exam/{paper}/hand-in", data={"key": "5"})
        assert "已交卷" in page.text
        assert "请交给下一位" in page.text
        assert browser.get("/exam").status_code == 401
        assert browser.get(f"/exam/{paper}").status_code == 401
    [(device,)] = sitting.rows(attempt.c.device)
    assert device.startswith("seat:")


def test_a_hall_is_entered_by_pressing_and_begins_with_the_officer(sitting):
    engine = sitting.engine
    hall_id = engine.write(lambda s: halls.make(s, 1, "第一会议室", "door-token", engine.people["张三"], engine.now))
    page = sitting.get("/hall/door-token")
    assert "张三，在这里就座吗？" in page
    assert engine.read(lambda s: halls.seats(s, hall_id)) == []
    page = sitting.post("/hall/door-token", page).text
    assert "您已就座" in page
    assert 'http-equiv="refresh"' in page
    engine.write(lambda s: halls.start(s, hall_id, engine.now))
    assert "已经开考" in sitting.get("/hall/door-token")
    assert "链接不对" in sitting.get("/hall/other")
    with sitting.site.client(secret=None) as stranger:
        assert "输入考试码" in stranger.get("/hall/door-token").text
        stranger.post("/hall/door-token", data={"key": "1"})
    assert len(engine.read(lambda s: halls.seats(s, hall_id))) == 1
