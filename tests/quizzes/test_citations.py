"""依据: read as people write them, written one way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.citations import Citation, CitationKind, UnclearCitation, parse_citation


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("行政处罚法 第三十三条", "行政处罚法 第三十三条"),
        ("行政处罚法第33条", "行政处罚法 第三十三条"),
        ("《中华人民共和国民法典》第一千二百五十四条", "民法典 第一千二百五十四条"),
        ("《行政处罚法》（2021年修订）第三十三条", "行政处罚法 第三十三条"),
        ("刑法修正案（十二） 第一条", "刑法修正案（十二） 第一条"),
        ("刑法第一百二十条之一", "刑法 第一百二十条之一"),
        ("行政处罚法第33条第1款第（三）项。", "行政处罚法 第三十三条第一款第三项"),
        ("宪法 序言", "宪法 序言"),
        ("宪法 第三章 第一节", "宪法 第三章第一节"),
    ],
)
def test_a_law_is_cited_in_one_way(written, text):
    assert parse_citation(written).text == text
    assert parse_citation(written).kind is CitationKind.LAW


def test_an_article_alone_means_the_law_of_the_bank():
    assert parse_citation("第三十三条", "中华人民共和国行政处罚法") == Citation("行政处罚法", 33)


def test_a_law_that_is_named_wins_over_the_law_of_the_bank():
    assert parse_citation("民法典 第一百八十八条", "行政处罚法") == Citation("民法典", 188)


def test_the_suffix_is_kept_apart_from_the_article():
    assert parse_citation("第一百二十条之一", "刑法") == Citation("刑法", 120, 1)


@pytest.mark.parametrize("law", ["中国共产党纪律处分条例", "党政领导干部选拔任用工作条例", "信访工作条例"])
def test_party_rules_are_a_kind_of_their_own(law):
    assert parse_citation(f"《{law}》第三条") == Citation(law, 3, kind=CitationKind.PARTY)


@pytest.mark.parametrize(
    ("written", "citation"),
    [
        ("国办函〔2026〕12号", Citation("", kind=CitationKind.POLICY, number="国办函〔2026〕12号")),
        (
            "《规范化管理办法》（国办函[2026]12号）第四条",
            Citation("规范化管理办法", 4, kind=CitationKind.POLICY, number="国办函〔2026〕12号"),
        ),
        (
            "《普法责任制的意见》 中办发〔2017〕31号 第二部分",
            Citation("普法责任制的意见", kind=CitationKind.POLICY, number="中办发〔2017〕31号", place="第二部分"),
        ),
    ],
)
def test_a_document_is_known_by_its_number(written, citation):
    assert parse_citation(written) == citation


def test_a_textbook_is_title_edition_and_chapter():
    book = parse_citation("《习近平法治思想概论》·2021年版·第三章")
    assert book == Citation("习近平法治思想概论", kind=CitationKind.BOOK, number="2021年版", place="第三章")
    assert book.text == "习近平法治思想概论·2021年版·第三章"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "行政处罚法",
        "第三十二条、第三十三条",
        "行政处罚法第〇条",
        "根据行政处罚法第三十三条规定",
        "x" * 200 + "第一条",
        "第十百条",
    ],
)
def test_what_cannot_be_looked_up_is_refused(written):
    with pytest.raises(UnclearCitation) as refused:
        parse_citation(written, "行政处罚法" if written.startswith("第") else "")
    assert refused.value.code == "cite_unparsable"


def test_an_article_of_no_law_is_refused():
    with pytest.raises(UnclearCitation) as refused:
        parse_citation("第三条")
    assert refused.value.code == "cite_without_law"


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["行政处罚法", "民法典", "刑法修正案（十二）", "中国共产党章程"]),
    st.integers(1, 9999),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 20),
)
def test_the_canonical_text_reads_back_as_the_same_citation(law, article, suffix, paragraph, item):
    kind = CitationKind.PARTY if "党" in law else CitationKind.LAW
    citation = Citation(law, article, suffix, kind, paragraph, item)
    assert parse_citation(citation.text) == citation
