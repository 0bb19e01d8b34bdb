"""What became of the requirements of a command: lines, and the JUnit file that CI systems read."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from hpt.analysis.requirements import Verdict
from hpt.view.page import Line, Page
from hpt.view.text import plain


def requirements_page(verdicts: Sequence[Verdict]) -> Page:
    """A line a requirement."""
    return Page([[Line(str(verdict), "" if verdict.met else "error") for verdict in verdicts]])


def junit(command: str, run: str, status: str, verdicts: Sequence[Verdict], seconds: float) -> str:
    """The JUnit XML of a command: a test case for how it ended, and one for each requirement."""
    name = plain(f"hpt {command}")
    broken = status not in ("completed", "timeout")
    missed = [verdict for verdict in verdicts if not verdict.met]
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(1 + len(verdicts)),
        failures=str(len(missed)),
        errors=str(int(broken)),
        time=f"{seconds:.3f}",
    )
    ended = ET.SubElement(suite, "testcase", classname=name, name=plain(run), time=f"{seconds:.3f}")
    if broken:
        ET.SubElement(ended, "error", message=plain(f"{run}: {status}"))
    for verdict in verdicts:
        case = ET.SubElement(suite, "testcase", classname=name, name=str(verdict.requirement), time="0")
        if not verdict.met:
            ET.SubElement(case, "failure", message=str(verdict))
    suites = ET.Element("testsuites")
    suites.append(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"
