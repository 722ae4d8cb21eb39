"""`report`: writes a run folder's page anew. Gathers and draws nothing itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.options import folder_options, run_folder, speak

if TYPE_CHECKING:
    from report_page.data import ReportData


def _a_name(context: click.Context, option: click.Parameter, file: Path | None) -> Path | None:
    """`--strip --config x` would take `--config` for the name of the picture."""
    if file is not None and str(file).startswith("-"):
        raise click.BadParameter(f"{file} is no name of a picture: write --strip strip.jpg")
    return file


@click.command("report")
@folder_options
@click.option("--strip", type=click.Path(dir_okay=False, writable=True, path_type=Path), metavar="FILE",
              callback=_a_name, help="Also draw the storyboard strip as one picture (.jpg or .png).")
def command(config: Path | None, output_dir: str | None, strip: Path | None, quiet: bool, json: bool) -> int:
    """Write the run as one page, report.html, from what lies in the run folder. Needs no network and changes nothing else."""
    import report
    import terminal
    from config_paths import short

    speak(quiet=quiet, json=json)
    folder = run_folder(config=config, output_dir=output_dir)
    data = report.gather(folder)
    page = folder / report.NAME
    report.write(data, page)
    if strip is not None:
        _draw(data, folder, strip)
    for trouble in data.troubles:
        terminal.warn(trouble)
    if json:
        terminal.json_out({"report": str(page), "film": data.film_path and str(folder / data.film_path)})
    else:
        terminal.say(short(page), always=True)
    return 0


def _draw(data: ReportData, folder: Path, strip: Path) -> None:
    from errors import Problem, UserMistakes
    from report_page import strip_picture

    try:
        strip_picture.write(data, folder, strip)
    except (OSError, ValueError) as error:
        raise UserMistakes([Problem("--strip", f"{strip} cannot be drawn: {error}")]) from error
