"""A dropped roster is shown as a diff and applied only when confirmed: dated, once, and without what is in doubt."""

import csv
import io
import os
from datetime import date, timedelta

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import func, select

from handlers.jobs import run_next
from handlers.messages import File
from handlers.people import roster_import
from storage import accounts, files, invitations, people, tables
from tests.builders import HOUSE, NOW, district, person, turn

HEAD = ["姓名", "单位", "工号", "手机号"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STANDING = [
    ["王敏", "司法局", "T001", "13800000001"], ["李建国", "政府办", "T002", "13800000002"], ["陈芳", "住建局", "T003", "13800000003"],
    ["刘洋", "住建局", "T004", "13800000004"], ["周杰", "政府办", "T005", "13800000005"], ["张三", "住建局", "T006", "13800000006"],
    ["李四", "住建局", "T007", "13800000007"], ["赵六", "质安站", "T008", "13800000008"], ["孙七", "质安站", "T009", "13800000009"],
    ["吴九", "司法局", "T010", "13800000010"],
]  # fmt: skip
TODAY = date(2026, 12, 4)


def workbook(rows, *, head=HEAD, merged=()):
    book = openpyxl.Workbook()
    for row in [head, *rows]:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Office:
    """The officer 王敏 with a chat: what goes in, what comes back."""

    def __init__(self, database):
        self.database = database
        with database.writing() as store:
            self.d = district(store)
        self.seen = 0

    def write(self, run):
        with self.database.writing() as store:
            return run(store)

    def drop(self, content, name="名册.xlsx", channel="wecom"):
        file = File(name, XLSX, content)
        self.write(
            lambda store: roster_import.dropped(turn(store, self.d, "王敏", "", file=file, channel=channel), store)
        )
        assert run_next(self.database, self.write, {roster_import.JOB: roster_import.read_and_compare}, HOUSE, NOW)
        with self.database.reading() as store:
            rows = store.rows(
                select(tables.delivery.c.body, tables.delivery.c.id)
                .where(tables.delivery.c.kind == "answer")
                .order_by(tables.delivery.c.id)
            )
        return rows[-1].body

    def say(self, conversation, said, *, channel="wecom", now=NOW):
        return self.write(
            lambda store: conversation(turn(store, self.d, "王敏", said, channel=channel, now=now), store)[0]
        )

    def confirm(self, said="确认导入 1", **more):
        return self.say(roster_import.confirm, said, **more).text

    def postings(self, name):
        with self.database.reading() as store:
            who = self.d.people.get(name) or store.value(select(tables.person.c.id).where(tables.person.c.name == name))
            units = {unit.id: unit.name for unit in people.units(store)}
            return [(units[p.unit_id], p.starts_on, p.ends_on) for p in people.postings(store) if p.person_id == who]

    def attached(self, body):
        with self.database.reading() as store:
            content = files.get(store, body["files"][0][0])[2]
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


@pytest.fixture
def office(database):
    return Office(database)


def without(*names):
    return [row for row in STANDING if row[0] not in names]


def test_the_counts_come_first_and_nothing_is_applied_before_the_confirmation(office):
    body = office.drop(workbook([*without("吴九"), ["郑十", "司法局", "T011", "13800000011"]]))
    assert body["text"].splitlines()[0] == "新增 1 人，调动 0 人，离开 1 人，不变 9 人。"
    assert "离开：吴九（司法局）。" in body["text"]
    assert [says for _, says in body["choices"]] == ["确认导入 1", "确认导入 1 keep", "取消导入 1"]
    assert body["choices"][0][0] == "确认导入（1 人离开）"
    assert office.postings("吴九") == [("司法局", date(2020, 1, 1), None)]
    assert office.postings("郑十") == []


def test_a_confirmation_applies_dated_rows_and_says_who_is_still_to_be_invited(office):
    moved = [["张三", "司法局", "T006", "13800000006"] if row[0] == "张三" else row for row in without("吴九")]
    office.drop(workbook([*moved, ["郑十", "统计局", "T011", "13800000011"]]))
    said = office.confirm()
    assert said.startswith("已导入：新增 1 人，调动 1 人，离开 1 人，更新信息 0 人。")
    assert "还有 2 人没有绑定" in said
    assert office.postings("张三") == [("住建局", date(2020, 1, 1), TODAY - timedelta(days=1)), ("司法局", TODAY, None)]
    assert office.postings("吴九") == [("司法局", date(2020, 1, 1), TODAY - timedelta(days=1))]
    assert office.postings("郑十") == [("统计局", TODAY, None)]


def test_confirming_twice_imports_once_and_says_so(office):
    office.drop(workbook([*STANDING, ["郑十", "司法局", "T011", "13800000011"]]))
    office.confirm()
    assert office.confirm() == "这次导入已经完成，没有重复执行。"
    with office.database.reading() as store:
        assert len(people.people(store)) == 11
        assert [(row.act, row.object) for row in store.rows(select(tables.audit.c.act, tables.audit.c.object))] == [
            ("roster.import", "job:1")
        ]


def test_the_same_file_again_has_nothing_to_import(office):
    body = office.drop(workbook(STANDING))
    assert body["text"] == "新增 0 人，调动 0 人，离开 0 人，不变 10 人。\n与现有名册一致，没有需要导入的。"
    assert "choices" not in body


def test_a_roster_that_changed_meanwhile_is_not_applied(office):
    office.drop(workbook([*STANDING, ["郑十", "司法局", "T011", "13800000011"]]))
    office.write(lambda store: person(store, office.d, "冯一", "司法局", "司法局"))
    assert "没有导入" in office.confirm()
    assert office.postings("郑十") == []


def test_a_roster_may_be_confirmed_on_another_day_and_is_dated_by_that_day(office):
    office.drop(workbook(without("吴九")))
    office.confirm(now=NOW + timedelta(days=2))
    assert office.postings("吴九") == [("司法局", date(2020, 1, 1), TODAY + timedelta(days=1))]


def test_many_leavers_are_warned_about_and_can_be_kept(office):
    body = office.drop(workbook([row for row in STANDING if row[1] == "住建局"]))
    assert "注意：离开 6 人，超过现有 10 人的 5%" in body["text"]
    assert office.confirm("确认导入 1 keep").startswith("已导入：新增 0 人，调动 0 人，离开 0 人")
    assert office.postings("吴九") == [("司法局", date(2020, 1, 1), None)]


def test_leavers_lose_open_invitations_and_their_roles_are_pointed_out(office):
    office.write(
        lambda store: invitations.make(
            store, [("t", office.d.people["赵六"])], invitations.BIND, None, NOW, timedelta(days=9)
        )
    )
    office.drop(workbook(without("赵六", "刘洋")))
    assert "离开的人里有 1 项角色还没撤销" in office.confirm()
    with office.database.reading() as store:
        assert invitations.find(store, "t", invitations.BIND, NOW).state == "revoked"


def test_changed_details_are_applied_and_listed_with_before_and_after(office):
    rows = [[*row[:3], "13911111111"] if row[0] == "张三" else row for row in STANDING]
    body = office.drop(workbook(rows))
    assert "更新手机号、职级等信息 1 人。" in body["text"]
    assert ["更新信息", "7", "张三", "住建局", "手机号：13800000006 → 13911111111"] in office.attached(body)
    office.confirm()
    with office.database.reading() as store:
        assert people.person_of(store, office.d.people["张三"]).phone == "13911111111"


def test_the_former_file_sent_again_changes_it_back(office):
    office.drop(workbook(without("吴九")))
    office.confirm()
    body = office.drop(workbook(STANDING))
    assert body["text"].startswith("新增 1 人")
    office.confirm("确认导入 2")
    assert office.postings("吴九") == [("司法局", date(2020, 1, 1), TODAY - timedelta(days=1)), ("司法局", TODAY, None)]
    with office.database.reading() as store:
        assert len(people.people(store)) == 10
        assert accounts.of_person(store, office.d.people["吴九"])


# Files as offices make them. -------------------------------------------------------------------------------------------


def test_a_missing_column_is_named_and_nothing_can_be_confirmed(office):
    body = office.drop(workbook([["张三", "T006"]], head=["姓名", "工号"]))
    assert body["text"] == "没有找到「单位」一列，没有读入任何人。请在表头写明「姓名」「单位」后再发一次。"
    assert "choices" not in body
    assert "没有需要导入的" in office.confirm()
    assert len(office.postings("吴九")) == 1


def test_a_file_without_one_good_row_sends_nobody_away(office):
    body = office.drop(workbook([["", "司法局", "", ""], ["", "住建局", "", ""]]))
    assert "choices" not in body
    assert "没有需要导入的" in office.confirm()
    assert office.postings("吴九") == [("司法局", date(2020, 1, 1), None)]


def test_rows_in_doubt_are_named_by_row_held_back_and_the_others_imported(office):
    doubtful = [
        ["甲一", "司法局", "T050", "13800000050"],
        ["乙二", "司法局", "T050", "13800000051"],
        ["", "司法局", "T052", "13800000052"],
    ]
    body = office.drop(workbook([*STANDING, *doubtful, ["丙三", "司法局", "T053", "13800000053"]]))
    assert [row for row in (12, 13, 14) if f"第 {row} 行" not in body["text"]] == []
    assert "共 3 行不导入" in body["text"]
    assert {line[1] for line in office.attached(body) if line[0] == "有疑问"} == {"12", "13", "14"}
    office.confirm()
    assert office.postings("甲一") == office.postings("乙二") == []
    assert office.postings("丙三") == [("司法局", TODAY, None)]


def test_more_doubts_than_a_message_holds_are_in_the_file(office):
    body = office.drop(workbook([*STANDING, *[["", "司法局", f"X{n}", ""] for n in range(40)]]))
    assert "还有 25 条，见附件。" in body["text"]
    assert len(body["text"]) < 4096
    assert sum(line[0] == "有疑问" for line in office.attached(body)) == 40


def test_an_unknown_unit_is_proposed_with_what_it_may_be_a_slip_of(office):
    body = office.drop(
        workbook([*STANDING, ["郑十", "住建", "T011", "13800000011"], ["冯一", "气象局", "T012", "13800000012"]])
    )
    assert "将新建单位 2 个：住建（是不是「住建局」？）、气象局。" in body["text"]
    office.confirm()
    with office.database.reading() as store:
        assert [unit.name for unit in people.units(store)][-2:] == ["住建", "气象局"]


def test_a_new_unit_below_a_new_unit_is_made_below_it(office):
    rows = [[*row, ""] for row in STANDING] + [["郑十", "水文站", "T011", "13800000011", "水利局"]]
    office.drop(workbook(rows, head=[*HEAD, "上级单位"]))
    office.confirm()
    with office.database.reading() as store:
        made = {unit.name: unit for unit in people.units(store)}
        assert made["水文站"].parent_id == made["水利局"].id
        assert made["水利局"].parent_id == office.d.units["城南区"]


def test_merged_units_and_trailing_spaces_are_read(office):
    rows = [
        ["司法局", "王敏 ", "T001", "13800000001"],
        [None, " 吴九", "T010 ", " 13800000010"],
        [None, "郑 十", "T011", "138 0000 0011"],
    ]
    office.drop(workbook(rows, head=["单位", "姓名", "工号", "手机号"], merged=["A2:A4"]))
    office.confirm("确认导入 1 keep")
    assert office.postings("郑十") == [("司法局", TODAY, None)]
    assert len(office.postings("吴九")) == 1


def test_an_id_number_column_is_dropped_unread_and_the_file_is_not_kept(office):
    number = "110101199003070011"
    body = office.drop(workbook([[*row, number] for row in STANDING], head=[*HEAD, "身份证号"]))
    assert "「身份证号」一列是身份证号，没有读取" in body["text"]
    with office.database.reading() as store:
        kept = [*store.rows(select(tables.file)), *store.rows(select(tables.job)), *store.rows(select(tables.delivery))]
        assert number not in str(kept)
        assert files.get(store, 1)[2] == b""


def test_a_row_that_begins_later_is_held_back(office):
    rows = [[*row, None] for row in STANDING] + [["郑十", "司法局", "T011", "13800000011", date(2027, 1, 1)]]
    body = office.drop(workbook(rows, head=[*HEAD, "起始日期"]))
    assert "郑十的起始日期是 2027-01-01，还没有到" in body["text"]
    assert "choices" not in body


def test_a_move_dated_back_closes_the_old_row_on_the_day_before(office):
    rows = [[*row, None] for row in without("张三")] + [["张三", "司法局", "T006", "13800000006", date(2026, 11, 1)]]
    office.drop(workbook(rows, head=[*HEAD, "起始日期"]))
    office.confirm()
    assert office.postings("张三") == [
        ("住建局", date(2020, 1, 1), date(2026, 10, 31)),
        ("司法局", date(2026, 11, 1), None),
    ]


def test_a_move_is_never_dated_back_before_the_old_row_began(office):
    rows = [[*row, None] for row in without("张三")] + [["张三", "司法局", "T006", "13800000006", date(1998, 7, 1)]]
    office.drop(workbook(rows, head=[*HEAD, "起始日期"]))
    office.confirm()
    assert office.postings("张三") == [("住建局", date(2020, 1, 1), TODAY - timedelta(days=1)), ("司法局", TODAY, None)]


def test_a_secondment_stands_beside_the_own_post(office):
    rows = [[*row, ""] for row in STANDING] + [["张三", "司法局", "T006", "13800000006", "借调"]]
    body = office.drop(workbook(rows, head=[*HEAD, "人事关系"]))
    assert "另有借调、挂职、驻村 1 人次" in body["text"]
    office.confirm()
    assert office.postings("张三") == [("住建局", date(2020, 1, 1), None), ("司法局", TODAY, None)]


def test_what_cannot_be_read_is_said_with_the_next_step(office):
    assert office.drop(b"%PDF", "名册.xlsx")["text"] == "这不是能读的表格。请发 .xlsx、.xls 或 .csv 文件。"
    assert office.drop(b"PK\x03\x04", "名册.xlsm")["text"].startswith("带宏的文件不能读")


def test_a_formula_in_a_name_stays_text_in_the_attached_file(office):
    body = office.drop(workbook([*STANDING, ["", "=HYPERLINK(1)", "", ""]]))
    assert not any(cell.startswith("=") for line in office.attached(body) for cell in line)


# Names, and other doors. -----------------------------------------------------------------------------------------------


def test_telegram_gets_counts_and_unit_names_and_the_list_is_shown_on_the_web(office):
    for channel in ("telegram", "web"):
        office.write(
            lambda store, channel=channel: accounts.bind(
                store, office.d.people["王敏"], channel, f"{channel}-王敏", NOW
            )
        )
    body = office.drop(
        workbook([*without("吴九"), ["郑十", "气象局", "", ""], ["", "司法局", "", ""]]), channel="telegram"
    )
    assert "files" not in body
    assert not [name for name in ("吴九", "郑十") if name in str(body)]
    assert "气象局" in body["text"]
    assert "请在网页上发「名册 1」" in body["text"]
    again = office.say(roster_import.how, "名册 1", channel="web")
    assert "离开：吴九（司法局）。" in again.text
    assert again.files[0].content.startswith(b"\xef\xbb\xbf")
    assert office.confirm(channel="telegram").startswith("已导入")


def test_a_cancelled_import_is_forgotten(office):
    office.drop(workbook(without("吴九")))
    assert office.say(roster_import.cancel, "取消导入 1").text == "已取消，名册没有改动。"
    assert "已经取消" in office.confirm()
    with office.database.reading() as store:
        assert store.value(select(tables.job.c.result)) == {"state": "cancelled"}


@pytest.mark.parametrize(
    "said", ["确认导入", "确认导入 99", "确认导入 x", "确认导入 99999999999999999999", "确认导入 ²"]
)
def test_an_import_that_is_not_there_is_said_to_be_missing(office, said):
    assert office.confirm(said) == "没有找到这次导入。请把名册文件再发一次。"


def test_before_the_worker_is_done_the_officer_is_asked_to_wait(office):
    file = File("名册.csv", "text/csv", "姓名,单位\n张三,住建局".encode())
    said = office.write(
        lambda store: roster_import.dropped(turn(store, office.d, "王敏", "", file=file), store)[0].text
    )
    assert said == "正在读取「名册.csv」，读完把变化发给您看。现在什么都没有改。"
    assert office.confirm() == "还在读取，请稍等。"


def test_the_command_alone_says_what_to_send(office):
    assert "名册里现在有 10 人。" in office.say(roster_import.how, "名册").text


def test_only_tables_are_taken_for_rosters():
    assert [name for name in ("a.XLSX", "b.xls", "c.csv", "d.docx", "e.pdf", "f") if roster_import.is_table(name)] == [
        "a.XLSX",
        "b.xls",
        "c.csv",
    ]


def processor():
    """Seconds of processor, the child's included: what a busy machine does not change."""
    return sum(os.times()[:4])


def test_ten_thousand_rows_take_less_than_ten_seconds_in_all(office):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEAD, *STANDING]):
            sheet.write_row(number, 0, row)
        for number in range(len(STANDING) + 1, 10_001):
            sheet.write_row(number, 0, [f"干部{number}", f"单位{number % 60}", f"N{number}", f"139{number:08d}"])
    began = processor()
    body = office.drop(out.getvalue())
    assert body["text"].startswith("新增 9990 人")
    assert office.confirm().startswith("已导入：新增 9990 人")
    took = processor() - began
    with office.database.reading() as store:
        assert store.value(select(func.count()).select_from(tables.person)) == 10_000
    assert took < 10, f"{took:.1f} s"
