from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from handlers.messages import File, Reply
from handlers.study import materials as reading
from handlers.study import push_sending, pushing
from quizzes.materials import Material
from storage import accounts, deliveries, files, materials, people, tables
from storage.database import Store
from tests.builders import NOW, District, district, owed, person, sits, turn, works

ARTICLE = Material(
    "fuyi",
    "收到复议答复通知之后",
    date(2026, 11, 1),
    ("行政复议法 第四十八条",),
    "## 十个工作日\n\n收到当天就登记收件日期。",
)


def office(store: Store) -> District:
    d = district(store)
    materials.apply(store, [ARTICLE], NOW)
    return d


def says(store: Store, d: District, said: str, *, pressed: bool = False, file: File | None = None) -> list[Reply]:
    """What the officer says, as dispatch would hand it on."""
    asked = turn(store, d, "王敏", said, action=pressed, file=file)
    if file is not None:
        return pushing.dropped(asked, store)
    word = said.split()[0]
    run = {
        "推送": pushing.push,
        "发给": pushing.to_whom,
        "确认推送": pushing.confirm,
        "推送情况": push_sending.state,
    }.get(word, pushing.to_whom)
    if run is not pushing.to_whom or word == "发给":
        return run(turn(store, d, "王敏", said, action=pressed), store)
    return pushing.to_whom(asked, store)


def receivers(store: Store) -> set[int]:
    return {
        row.person_id
        for row in store.rows(select(tables.delivery.c.person_id).where(tables.delivery.c.key.startswith("push:")))
    }


def test_a_material_goes_from_its_key_to_everybody_after_a_preview(store: Store) -> None:
    d = office(store)
    [asked] = says(store, d, "推送 fuyi")
    assert asked.text == "「收到复议答复通知之后」已备好。发给谁？点按钮，或输入单位、姓名，用顿号隔开。"
    assert [each.label for each in asked.choices] == [
        "全部",
        "未参考的人",
        "政府办",
        "住建局",
        "司法局",
        "档案馆",
        "取消",
    ]
    shown, counts = says(store, d, asked.choices[0].says, pressed=True)
    assert shown.text == "学习资料：收到复议答复通知之后\n收到当天就登记收件日期。\n点「阅读」看全文。"
    assert counts.text == (
        "以上是收到的样子。\n对象：全部，共10人。\n可送达9人；未绑定1人；无法送达0人。\n确认后发给9人。"
    )
    assert receivers(store) == set()
    [started] = says(store, d, counts.choices[0].says, pressed=True)
    assert started.text == "已开始安排，共9人，完成后告诉您。"
    [done] = works(store, d, "push")
    assert done.text.startswith("推送 1「收到复议答复通知之后」已安排9人。未绑定或无法送达1人")
    assert len(receivers(store)) == 9
    assert owed(store, d, "张三") == ["学习资料：收到复议答复通知之后\n收到当天就登记收件日期。\n点「阅读」看全文。"]


def test_running_the_job_twice_owes_nobody_a_second_copy(store: Store) -> None:
    d = office(store)
    says(store, d, "推送 fuyi")
    says(store, d, "发给 住建局")
    says(store, d, "确认推送 5", pressed=True)
    works(store, d, "push")
    works(store, d, "push")
    assert len(owed(store, d, "张三")) == 1


def test_a_notice_goes_to_units_and_names_typed_after_it(store: Store) -> None:
    d = office(store)
    says(store, d, "推送 通知 周五下午两点\n三楼会议室开会。")
    shown, counts = says(store, d, "质安站、吴九")
    assert shown.text == "【通知】周五下午两点\n三楼会议室开会。"
    assert "对象：质安站、指定1人，共3人。" in counts.text
    assert "确认后发给2人。" in counts.text
    says(store, d, "确认推送 2")
    works(store, d, "push")
    assert receivers(store) == {d.people["孙七"], d.people["吴九"]}


def test_a_push_to_those_missing_leaves_out_who_has_sat(store: Store) -> None:
    d = office(store)
    for name in ("王敏", "李建国", "周杰", "陈芳", "刘洋", "孙七"):
        sits(store, d, d.round_id, name)
    says(store, d, "推送 fuyi")
    _, counts = says(store, d, "发给 未参考的人")
    assert "对象：未参考的人，共4人。" in counts.text
    assert "确认后发给3人。" in counts.text


def test_a_name_that_fits_several_is_asked_never_guessed(store: Store) -> None:
    d = office(store)
    person(store, d, "张三", "司法局", "司法局", channels=("web",))
    says(store, d, "推送 fuyi")
    [asked] = says(store, d, "张三")
    assert asked.text == "「张三」有2位，请写成「张三@单位」，例如「张三@住建局」。"
    assert "共1人" in says(store, d, "张三@司法局")[1].text
    assert "共1人" in says(store, d, "张三（住建局）")[1].text


def test_an_unknown_name_sends_nothing_and_is_named(store: Store) -> None:
    d = office(store)
    says(store, d, "推送 fuyi")
    [asked] = says(store, d, "吴九、钱十一")
    assert asked.text == "没有找到：钱十一。请核对后把全部对象重新输入一次。"


def test_a_changed_count_is_shown_again_before_anything_is_sent(store: Store) -> None:
    d = office(store)
    says(store, d, "推送 fuyi")
    says(store, d, "发给 住建局")
    accounts.set_reachable(store, d.accounts["李四", "telegram"], "blocked", NOW)
    replies = says(store, d, "确认推送 5", pressed=True)
    assert replies[1].text.startswith("人数有变化，请再确认一次。")
    assert "无法送达1人" in replies[1].text
    assert store.row(select(tables.push.c.id)) is None


def test_without_a_draft_a_confirmation_sends_nothing(store: Store) -> None:
    d = office(store)
    assert says(store, d, "确认推送 9")[0].text.startswith("没有待确认的推送。")
    assert says(store, d, "发给 全部")[0].text.startswith("没有待确认的推送。")


def test_spent_touches_spare_people_a_material_but_not_a_notice(store: Store) -> None:
    d = office(store)
    for number in range(7):
        deliveries.plan(store, f"n{number}", d.accounts["吴九", "wecom"], "notice", {"text": "通知"}, NOW)
    says(store, d, "推送 fuyi")
    counts = says(store, d, "发给 吴九、张三")[1]
    assert "其中1人本周已收满7条" in counts.text
    assert "确认后发给1人。" in counts.text
    says(store, d, "推送 通知 明天开会")
    assert "确认后发给2人。" in says(store, d, "发给 吴九、张三")[1].text


def test_quiet_hours_put_a_push_off_and_do_not_drop_it(store: Store) -> None:
    d = office(store)
    store.plain(f"UPDATE person SET quiet_from = 9, quiet_to = 14 WHERE id = {d.people['吴九']}")
    says(store, d, "推送 通知 明天开会")
    counts = says(store, d, "发给 吴九")[1]
    assert "1人正在免打扰时间，到时再发。" in counts.text
    says(store, d, "确认推送 1")
    works(store, d, "push")
    found = store.row(select(tables.delivery.c.not_before).where(tables.delivery.c.person_id == d.people["吴九"]))
    assert found is not None
    assert found.not_before == NOW + timedelta(hours=4)


def test_a_dropped_markdown_file_becomes_an_article_with_its_heading_as_title(store: Store) -> None:
    d = office(store)
    file = File("讲稿.md", "text/markdown", "# 宪法宣传周讲稿\n\n国家工作人员应当就职宣誓。\n".encode())
    [asked] = says(store, d, "", file=file)
    assert asked.text.startswith("「宪法宣传周讲稿」已备好。")
    says(store, d, "发给 吴九")
    says(store, d, "确认推送 1")
    works(store, d, "push")
    read = reading.read(turn(store, d, "吴九", "阅读 p.1"), store)[0]
    assert read.text == "宪法宣传周讲稿"
    assert read.article.startswith("国家工作人员应当就职宣誓。")
    assert "没有找到" in reading.read(turn(store, d, "张三", "阅读 p.1"), store)[0].text


def test_a_dropped_article_in_the_encoding_of_old_windows_is_read(store: Store) -> None:
    d = office(store)
    [asked] = says(store, d, "", file=File("通知.txt", "text/plain", "关于学法的通知".encode("gb18030")))
    assert asked.text.startswith("「通知」已备好。")


def test_a_dropped_photo_goes_out_whole_and_its_receivers_may_open_it(store: Store) -> None:
    d = office(store)
    says(store, d, "推送 讲座海报", file=File("a.png", "image/png", b"\x89PNG"))
    shown, _ = says(store, d, "发给 吴九")
    assert shown.text == "学习资料：讲座海报"
    assert shown.files[0].name == "a.png"
    number = shown.files[0].id
    assert not files.may_read(store, number, d.people["吴九"])
    says(store, d, "确认推送 1")
    works(store, d, "push")
    assert files.may_read(store, number, d.people["吴九"])


def test_a_link_goes_out_with_its_title(store: Store) -> None:
    d = office(store)
    [asked] = says(store, d, "推送 https://example.gov.cn/xf 宪法公开课")
    assert asked.text.startswith("「宪法公开课」已备好。")
    shown = says(store, d, "发给 吴九")[0]
    assert (shown.links[0].label, shown.links[0].url) == ("宪法公开课", "https://example.gov.cn/xf")


def test_alone_it_says_how_and_offers_the_materials(store: Store) -> None:
    d = office(store)
    [how] = says(store, d, "推送")
    assert how.text.startswith("发什么？")
    assert how.choices[0].says == "推送 fuyi"
    assert "没有编号为「无此」的资料" in says(store, d, "推送 无此")[0].text
    assert says(store, d, "推送 通知")[0].text == "请在「推送 通知」后面写上内容。"


def test_what_became_of_a_push_can_be_asked_at_any_time(store: Store) -> None:
    d = office(store)
    assert says(store, d, "推送情况")[0].text == "还没有推送过。"
    says(store, d, "推送 通知 明天开会")
    says(store, d, "发给 张三、李四、吴九")
    says(store, d, "确认推送 3")
    works(store, d, "push")
    store.plain(f"UPDATE delivery SET state = 'failed', reason = 'blocked' WHERE person_id = {d.people['李四']}")
    store.plain(f"UPDATE delivery SET state = 'sent' WHERE person_id = {d.people['吴九']}")
    assert says(store, d, "推送情况 1")[0].text == (
        "推送 1「明天开会」：已送达1人，待发送1人，失败1人，不确定0人，已取消0人。\n失败原因：已屏蔽 1人。"
    )


def test_a_confirmed_push_is_on_the_record(store: Store) -> None:
    d = office(store)
    says(store, d, "推送 通知 明天开会")
    says(store, d, "发给 吴九")
    says(store, d, "确认推送 1")
    row = store.row(select(tables.audit).where(tables.audit.c.act == "push.send"))
    assert row is not None
    assert row.actor_id == d.people["王敏"]
    assert row.details["send"] == 1


def test_everybody_reads_a_push_in_their_own_language_on_their_best_account(store: Store) -> None:
    d = office(store)
    store.plain(f"UPDATE person SET language = 'en' WHERE id = {d.people['张三']}")
    store.plain(f"UPDATE account SET preferred = true WHERE id = {d.accounts['张三', 'wecom']}")
    says(store, d, "推送 fuyi")
    says(store, d, "发给 张三")
    says(store, d, "确认推送 1")
    works(store, d, "push")
    assert owed(store, d, "张三")[0].startswith("Study material: ")
    row = store.row(select(tables.delivery.c.channel).where(tables.delivery.c.person_id == d.people["张三"]))
    assert row is not None
    assert row.channel == "wecom"


def test_a_person_who_left_is_not_written_to(store: Store) -> None:
    d = office(store)
    [posting] = [each for each in people.postings(store) if each.person_id == d.people["吴九"]]
    people.end_postings(store, [posting.id], date(2026, 12, 1))
    says(store, d, "推送 fuyi")
    assert "共9人" in says(store, d, "发给 全部")[1].text
