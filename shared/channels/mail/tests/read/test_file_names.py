"""Names of files, as mail programs write them and as they should not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet_mail.read.stated import Stated


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=trou.jpg", "trou.jpg"),
        ('attachment; filename="mon trou.jpg"', "mon trou.jpg"),
        ("attachment; filename=mon trou.jpg", "mon trou.jpg"),
        ("attachment; filename=\"été.pdf\"", "été.pdf"),
        ("attachment; filename*=utf-8''%C3%A9t%C3%A9.pdf", "été.pdf"),
        ("attachment; filename*=iso-8859-1'fr'%E9t%E9.pdf", "été.pdf"),
        ("attachment; filename*=utf-8''%E9t%E9.pdf", "été.pdf"),
        ("attachment; filename*=iso-8859-1''%C3%A9t%C3%A9.pdf", "été.pdf"),
        ("attachment; filename*=%C3%A9t%C3%A9.pdf", "été.pdf"),
        ("attachment; filename*=%E9t%E9.pdf", "été.pdf"),
        ("attachment; filename*=''%C3%A9t%C3%A9.pdf", "été.pdf"),
        ("attachment; filename*=\"UTF-8''%C3%A9t%C3%A9.pdf\"", "été.pdf"),
        ("attachment; filename*=x-nowhere''%C3%A9t%C3%A9.pdf", "été.pdf"),
        ("attachment; filename*0*=utf-8''%C3; filename*1*=%A9t; filename*2=e.pdf", "éte.pdf"),
        ("attachment; filename*1*=%A9t%C3%A9; filename*2=.pdf; filename*0*=utf-8''%C3", "été.pdf"),
        ("attachment; filename*0=un; filename*2=.pdf", "un.pdf"),
        ("attachment; filename*0=long; filename*1=\"; nom.pdf\"", "long; nom.pdf"),
        ("attachment; filename=ete.pdf; filename*=utf-8''%C3%A9t%C3%A9.pdf", "été.pdf"),
        ("attachment; filename*=utf-8''%C3%A9t%C3%A9.pdf; filename=ete.pdf", "été.pdf"),
        ("attachment; filename=\"%C3%A9t%C3%A9%202026.pdf\"", "été 2026.pdf"),
        ("attachment; filename=\"remise 100%.pdf\"", "remise 100%.pdf"),
        ("attachment; filename=\"50%AB.pdf\"", "50%AB.pdf"),
        ("attachment; filename=\"=?utf-8?B?w6l0w6kucGRm?=\"", "été.pdf"),
        ("attachment; filename==?iso-8859-1?Q?=E9t=E9.pdf?=", "été.pdf"),
        ("attachment; filename=\"=?utf-8?Q?=C3?= =?utf-8?Q?=A9t=C3=A9.pdf?=\"", "été.pdf"),
        ("attachment; filename*=utf-8''%3D%3Futf-8%3FB%3Fw6l0w6kucGRm%3F%3D", "été.pdf"),
        ("attachment; filename*0*=utf-8''a; filename*=utf-8''b; filename=c", "a"),
        ("attachment; FileName*=UTF-8''a.pdf", "a.pdf"),
        ("attachment", None),
        ("attachment; filename*", ""),
    ],
)  # fmt: skip
def test_a_name_is_read_as_it_was_meant(disposition: str, name: str | None) -> None:
    assert Stated("application/pdf", disposition).file_name == name


def test_the_name_of_the_type_counts_where_there_is_no_other() -> None:
    assert Stated("application/pdf; name*=%E9t%E9.pdf", "attachment").file_name == "été.pdf"
    assert Stated("application/pdf; name*=%E9t%E9.pdf", "attachment; filename*=b.pdf").file_name == "b.pdf"


@given(st.text(st.sampled_from("filename*0=1;'\"%E9C3A \\utf-8?=bQé\x00\udce9"), max_size=120))
def test_anything_is_a_name_or_none(parameters: str) -> None:
    name = Stated("application/pdf", f"attachment; filename*={parameters}").file_name
    assert name is None or isinstance(name, str)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", [";filename*0=", ';a="\\', "; ", ";filename*=%", "=", ';"', ";a*b*c"])
def test_a_header_made_to_keep_us_busy_is_read_in_no_time(piece: str) -> None:
    assert len(Stated("a/b", "attachment" + piece * 4000).file_name or "") <= 4096
