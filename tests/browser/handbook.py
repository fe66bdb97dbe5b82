"""What Larkspur Mills, which does not exist, tells its people: as texts, and as a PDF of two pages."""

from pathlib import Path

TEXTS = {
    "Leave": "Everybody has 27 days of annual leave in a calendar year. Unused days lapse at the end of March. "
    "Leave of more than two weeks is agreed with the team a month ahead.",
    "Expenses": "A hotel may cost up to 140 euros a night, breakfast included. Receipts are handed in within 30 days. "
    "Trains are booked in second class; for a journey of more than five hours first class is allowed.",
    "Keys": "A lost key card is reported to the gate house at once. A new card costs 15 euros.",
}

PAGES = (
    """Leave and working hours

    Everybody has 27 days of annual leave in a calendar year. Who joins or leaves in the course of the year has a
    twelfth of that for every full month. Unused days lapse at the end of March.

    Leave of more than two weeks is agreed with the team a month ahead. In the weeks before the autumn fair the weaving
    hall gives no leave, because every loom runs in three shifts.

    The mill works 37 hours a week. Hours beyond that are taken as free time within six weeks. Nobody is expected to
    read messages after seven in the evening.

    Who is ill tells the gate house before nine in the morning. A doctor's note is needed from the fourth day.
    """,
    """Travel and expenses

    A hotel may cost up to 140 euros a night, breakfast included. In cities with a trade fair the travel desk may allow
    more, and says so in writing before the journey.

    Receipts are handed in within 30 days, as a photograph or on paper. Later ones are paid only when the reason for the
    delay lies with the mill.

    Trains are booked in second class. For a journey of more than five hours first class is allowed. Flights within the
    country are not paid.

    A private car is paid with 32 cents a kilometre, at most 400 kilometres a journey.
    """,
)


def write_pdf(path: Path) -> Path:
    """One page for each of PAGES; returns the path."""
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_margin(24)
    for page in PAGES:
        pdf.add_page()
        heading, *paragraphs = (" ".join(paragraph.split()) for paragraph in page.split("\n\n"))
        pdf.set_font("helvetica", style="B", size=18)
        pdf.multi_cell(0, 14, heading, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", size=12)
        for paragraph in paragraphs:
            pdf.multi_cell(0, 7, paragraph, new_x="LMARGIN", new_y="NEXT")
            pdf.ln(4)
    pdf.output(str(path))
    return path
