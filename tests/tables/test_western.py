"""Which bytes are surely cp1252: words of western languages are, those of any other code page are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hpt.data.options import DATA
from hpt.foundation.errors import InputError
from hpt.tables.csv_files import read_csv
from hpt.tables.western import western_word

WESTERN = {
    "German": "Größe;Straße\nÖl;Übung",
    "French": "été,l'île\nà Noël,cœur",
    "Spanish": "año,niño\nMálaga,A Coruña",
    "Portuguese": "São Paulo,ação\nmaçãs,avó",
    "Danish": "Århus,København\nblåbær,smør",
    "Swedish": "Malmö,Västerås",
    "signs": "temp (°C),price\n21 °,5 €\n22 °,£3",
    "numbers": "n\n1\u00a0234\n2\u00a0345",
    "dashes": "a,b\n1 – 2,“so”",
}
FOREIGN = {
    "cp1251": "имя,город\nИван,Москва",
    "koi8-r": "имя,город\nИван,Москва",
    "iso8859-7": "όνομα,πόλη\nΓιώργος,Αθήνα",
    "cp1250": "jméno,město\nDvořák,Plzeň",
    "iso8859-2": "imię,miasto\nPaweł,Łódź",
    "cp1254": "şehir,ağaç\nIğdır,Muş",
    "mac-roman": "ciudad,mañana\nMálaga,José",
    "cp437": "größer,schön\nÖl,Straße",
    "shift-jis": "名前,都市\n太郎,東京",
    "gbk": "姓名,城市\n张伟,北京",
    "big5": "姓名,城市\n張偉,臺北",
    "euc-kr": "이름,도시\n김철수,서울",
    "cp1255": "שם,עיר\nדוד,חיפה",
    "cp1256": "اسم,مدينة\nمحمد,القاهرة",
}


@pytest.mark.parametrize("text", WESTERN.values(), ids=WESTERN)
def test_western_text_is_certain(text: str) -> None:
    word = western_word(text.encode("cp1252"))
    assert word is None if text == WESTERN["numbers"] else word in text


@pytest.mark.parametrize(("encoding", "text"), FOREIGN.items(), ids=FOREIGN)
def test_text_of_another_code_page_is_not(encoding: str, text: str) -> None:
    assert western_word(text.encode(encoding)) is None


@pytest.mark.parametrize("raw", [b"a,\xe9t\xe9\x00", b"a,b\x81c", b"\xe9", b"\xe9\xe8\xeaa", b"gr\xd6\xdfer", b"Pawe\xb3"])
def test_what_is_no_word_is_not(raw: bytes) -> None:
    assert western_word(raw) is None


def test_what_is_not_certain_is_refused_with_its_place_and_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("имя,город\nИван,Москва\n".encode("cp1251"))
    with pytest.raises(InputError, match=r"a\.csv:1: byte 0xe8 is not UTF-8\. Set data\.encoding"):
        read_csv(path, path.name, {entry.name: entry.default for entry in DATA})


def test_utf_8_stays_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\ngrößer,1\n", encoding="utf-8")
    raw = read_csv(path, path.name, {entry.name: entry.default for entry in DATA})
    assert raw.columns["a"].cells() == ["größer"]
    assert not raw.notices
