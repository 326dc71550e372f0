"""Text with styles."""

from channels.richtext import Run, plain


def test_a_plain_text_is_its_paragraphs_without_empty_ones():
    assert plain("一\n二\n\n三\n\n \n\n四") == [(Run("一\n二"),), (Run("三"),), (Run("四"),)]
    assert plain("") == []
