"""证书: for a closed round that was passed; the same one when asked again; it falls when the result is corrected."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from handlers import typesetting
from handlers.jobs import Work
from handlers.sitting import certificates
from handlers.sitting.certificates import page, stands, whole_name
from handlers.words import words
from quizzes.people import Unit
from storage import documents, people, tables
from storage.database import Store
from storage.jobs import Job
from tests.builders import HOUSE, NOW, District, district, enrol, make_round, mark, sits, turn
from tests.handlers.test_typesetting import pages

ZH = words("zh")


@pytest.fixture
def d(store: Store) -> District:
    """张三 (of 质安站 then) passed, 李四 failed, 吴九 never came; the round has closed."""
    d = district(store)
    mark(store, d, d.round_id, "张三", unit_id=d.units["质安站"])
    sits(store, d, d.round_id, "张三", 9250)
    sits(store, d, d.round_id, "李四", 5000)
    store.run(update(tables.round_).values(state="closed"))
    return d


def asks(store: Store, d: District, said: str = "证书", name: str = "张三"):
    [reply] = certificates.certificate(turn(store, d, name, said), store)
    return reply


def issued(store: Store, d: District, name: str = "张三"):
    return documents.certificates(store, d.people[name])


def test_a_certificate_says_what_was_true_at_the_round(store: Store, d: District) -> None:
    assert asks(store, d).text == "正在制作「宪法宣传周学法考试」的证书，稍后发给您。"
    [made] = issued(store, d)
    assert {name: made.content[name] for name in ("name", "unit", "title", "notice", "verdict", "issuer")} == {
        "name": "张三", "unit": "住建局质安站", "title": "宪法宣传周学法考试", "notice": "城南普法〔2026〕3号", "verdict": "excellent", "issuer": "城南区",
    }  # fmt: skip
    assert "score" not in made.content
    assert len(made.code) == 16
    [job] = store.rows(select(tables.job).where(tables.job.c.kind == "certificate"))
    assert (job.params, job.person_id) == ({"document": made.id}, d.people["张三"])


def test_asking_again_gives_the_same_one_and_with_the_score_another(store: Store, d: District) -> None:
    asks(store, d)
    again = asks(store, d)
    assert len(issued(store, d)) == 1
    assert [b.says for b in again.choices] == [f"证书 {d.round_id} 分数"]
    asks(store, d, again.choices[0].says)
    asks(store, d, again.choices[0].says)
    assert [each.content.get("score") for each in issued(store, d)] == [None, 9250]


@pytest.mark.parametrize(("name", "said", "key"), [
    ("李四", "证书", "none"), ("李四", "证书 {}", "failed"), ("吴九", "证书 {}", "absent"), ("张三", "证书 404", "unknown"),
])  # fmt: skip
def test_who_has_nothing_to_print_reads_why(store: Store, d: District, name: str, said: str, key: str) -> None:
    assert asks(store, d, said.format(d.round_id), name).text == ZH[f"certificate.{key}"].format(
        title="宪法宣传周学法考试"
    )
    assert issued(store, d, name) == []


def test_before_the_close_and_for_practice_there_is_none(store: Store, d: District) -> None:
    store.run(update(tables.round_).values(state="open"))
    assert asks(store, d, f"证书 {d.round_id}").text == ZH["certificate.open"].format(title="宪法宣传周学法考试")
    store.run(update(tables.round_).values(state="closed", counts="practice"))
    assert asks(store, d).text == ZH["certificate.none"]


def test_of_several_exams_one_is_chosen(store: Store, d: District) -> None:
    other = make_round(
        store, plan="old", title="去年考试", state="closed", opened=timedelta(days=-400), closes=timedelta(days=-390)
    )
    enrol(store, d, other, "张三", sat=True, passed=True, score=7000)
    shown = asks(store, d)
    assert [(b.label, b.says) for b in shown.choices] == [
        ("宪法宣传周学法考试", f"证书 {d.round_id}"),
        ("去年考试", f"证书 {other}"),
    ]
    asks(store, d, f"证书 {other}")
    assert issued(store, d)[0].content["verdict"] == "passed"


def test_a_later_correction_of_the_verdict_takes_it_out_of_force_and_a_new_one_can_be_had(
    store: Store, d: District
) -> None:
    asks(store, d)
    asks(store, d, f"证书 {d.round_id} 分数")
    plain, scored = issued(store, d)
    sits(store, d, d.round_id, "张三", 9300)
    assert (stands(store, plain), stands(store, scored)) == (True, False)
    sits(store, d, d.round_id, "张三", 8000)
    assert not stands(store, plain)
    asks(store, d)
    assert [each.content["verdict"] for each in issued(store, d)] == ["excellent", "excellent", "passed"]
    sits(store, d, d.round_id, "张三", 4000)
    assert [stands(store, each) for each in issued(store, d)] == [False] * 3
    sits(store, d, d.round_id, "张三", 9250)
    asks(store, d)
    assert len(issued(store, d)) == 3
    assert stands(store, plain)


def test_an_altered_or_revoked_one_does_not_stand(store: Store, d: District) -> None:
    asks(store, d)
    store.run(update(tables.document).values(revoked_at=NOW))
    assert not stands(store, issued(store, d)[0])
    store.run(update(tables.document).values(revoked_at=None, hash="0" * 64))
    assert not stands(store, issued(store, d)[0])


def test_it_comes_as_a_pdf_of_one_page_and_as_a_picture_with_the_code(store: Store, d: District) -> None:
    asks(store, d)
    [made] = issued(store, d)
    work = Work(
        Job(1, "certificate", {"document": made.id}, d.people["张三"], None),
        HOUSE,
        NOW,
        "zh",
        store,
        lambda run: run(store),
    )
    [reply] = certificates.draw(work)
    pdf, png = reply.files
    assert (pdf.name, png.name) == ("证书-宪法宣传周学法考试.pdf", "证书-宪法宣传周学法考试.png")
    assert pages(pdf.content) == 1
    assert png.content.startswith(b"\x89PNG")
    assert f"https://xuefa.example/verify/{made.code}" in reply.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_long_names_and_titles_stay_on_one_page(store: Store, d: District, language: str) -> None:
    asks(store, d, f"证书 {d.round_id} 分数")
    [made] = issued(store, d)
    made.content.update(
        name="阿卜杜拉·买买提江·吐尔逊",
        unit="住房和城乡建设局建设工程质量安全监督管理服务中心",
        title="长" * 80,
        issuer="",
    )
    assert pages(typesetting.compile("certificate", page(made, language, HOUSE))) == 1


def test_a_district_without_a_name_leaves_the_issuer_blank(store: Store, d: District) -> None:
    store.plain(f"UPDATE unit SET name = '{people.DISTRICT}' WHERE parent_id IS NULL")
    asks(store, d)
    assert issued(store, d)[0].content["issuer"] == ""


def test_a_unit_is_named_with_its_bureau_and_without_the_district():
    tree = {
        1: Unit(1, None, "城南区", 0),
        2: Unit(2, 1, "住建局", 0),
        3: Unit(3, 2, "质安站", 0),
        4: Unit(4, 3, "一组", 0),
    }
    assert [whole_name(tree, number) for number in (1, 2, 3, 4)] == ["城南区", "住建局", "住建局质安站", "住建局一组"]
