"""`report`: writes a run folder's page anew. Gathers and draws nothing itself."""

from __future__ import annotations

from pathlib import Path

import click

from commands.options import folder_options, run_folder, speak


@click.command("report")
@folder_options
def command(config: Path | None, output_dir: str | None, quiet: bool, json: bool) -> int:
    """Write the run as one page, report.html, from what lies in the run folder. Needs no network and changes nothing else."""
    import report
    import terminal

    speak(quiet=quiet, json=json)
    folder = run_folder(config=config, output_dir=output_dir)
    data = report.gather(folder)
    page = folder / report.NAME
    report.write(data, page)
    for trouble in data.troubles:
        terminal.warn(trouble)
    if json:
        terminal.json_out({"report": str(page), "film": data.film_path and str(folder / data.film_path)})
    else:
        terminal.say(str(page), always=True)
    return 0
