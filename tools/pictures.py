"""`./dev pictures`: takes the screenshots of the documentation from a running demo with Debian's Chromium."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from liftgate.demo.people import press, start_nightly
from liftgate.demo.repository import BAD, GOOD
from liftgate.demo.watch import Watch
from liftgate.demo.world import World
from liftgate.integrations.runs.run import Run
from liftgate.services.session import link

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
STEP = 180.0


def main() -> int:
    """Promote a release to prod, then a bad one that waits there, and take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="liftgate-pictures-") as folder:
        Path(folder).chmod(0o711)
        with World(Path(folder) / "demo", os.environ, _say) as world, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 860}, device_scale_factor=1.5)
            _good(world)
            waiting = _bad(world)
            _shoot(world, page, waiting)
            browser.close()
    return 0


def _shoot(world: World, page: Page, waiting: Run) -> None:
    prefect, urls = f"{world.server.url}/prefect", world.sandbox["urls"]
    deployment = world.at.runs.read(waiting.id)
    form = f"{prefect}/deployments/deployment/{deployment.deployment}/run" if deployment else prefect
    pull = world.at.forge.find(f"liftgate/promotions/{waiting.id}", "main")
    for name, url in {
        "board": world.server.url,
        "promotion": link(world.at, "grace", f"/promotions/{waiting.id}"),
        "slack": urls["slack"],
        "pull-request": pull.url if pull else urls["forge"],
        "run-form": form,
    }.items():
        _picture(page, name, url)
    press(world, "grace", waiting.id, "approve")
    while not (run := world.at.runs.read(waiting.id)) or not run.is_over:
        time.sleep(0.3)
    _picture(page, "run-graph", f"{prefect}/runs/flow-run/{waiting.id}")
    _picture(page, "rolled-back", f"{world.server.url}/promotions/{waiting.id}")


def _picture(page: Page, name: str, url: str) -> None:
    page.goto(url)
    page.wait_for_load_state("load")
    sign_in = page.get_by_role("button", name="Sign in as")
    if sign_in.count():
        sign_in.click()
        page.wait_for_load_state("load")
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / f"{name}.png")
    _say(f"{name}.png")


def _good(world: World) -> None:
    watch = _started(world, GOOD)
    run = watch.until("prod", "Suspended", within=STEP)
    press(world, "grace", run.id, "approve")
    watch.until("prod", "Promoted", within=STEP)


def _bad(world: World) -> Run:
    return _started(world, BAD).until("prod", "Suspended", within=STEP)


def _started(world: World, version: str) -> Watch:
    world.repository.release(version, f"example-app {version}")
    since = world.at.clock.now()
    start_nightly(world, "rosa")
    return Watch(world, since, _say)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
