"""What the benchmarks stand on: the peers in a virtual environment, and TPC-H data at scale factor 1."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
REQUIREMENTS = HERE / "requirements.txt"
TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
LINEITEM_ROWS = 6_001_215


def cache() -> Path:
    """Where builds and downloads are kept, outside the checkout; BOATHOUSE_CACHE moves it."""
    return Path(os.environ.get("BOATHOUSE_CACHE", Path.home() / ".cache" / "boathouse"))


def build_server() -> Path:
    """Builds the release binary and answers where it is."""
    target = Path(os.environ.setdefault("CARGO_TARGET_DIR", str(cache() / "target")))
    subprocess.run(["cargo", "build", "--release", "--bin", "boathouse"], cwd=REPOSITORY, check=True)
    return target / "release" / "boathouse"


def peers(data: Path) -> Path:
    """The interpreter that has the peers installed; installs them where they are missing or of another version."""
    venv = data / "venv"
    python, stamp = venv / "bin" / "python", venv / "installed.txt"
    wanted = REQUIREMENTS.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing the peers into {venv}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", REQUIREMENTS], check=True)
        stamp.write_text(wanted)
    return python


def generate(data: Path, python: Path) -> None:
    """Generates the TPC-H files that are missing: `csv/lineitem.csv` and `parquet/TABLE.parquet`."""
    if not (data / "csv" / "lineitem.csv").exists():
        tpchgen(data, python, "csv", ["lineitem"])
    missing = [table for table in TABLES if not (data / "parquet" / f"{table}.parquet").exists()]
    if missing:
        tpchgen(data, python, "parquet", missing)


def tpchgen(data: Path, python: Path, form: str, tables: list[str]) -> None:
    print(f"generating {form} files of {', '.join(tables)} in {data / form}", flush=True)
    # Into a directory of its own first: an interrupted run must not leave half a file under the final name.
    part = data / f"{form}.part"
    shutil.rmtree(part, ignore_errors=True)
    command = [python.parent / "tpchgen-cli", form, "-s", "1", f"--tables={','.join(tables)}", "--output-dir", part]
    subprocess.run(command, check=True)
    (data / form).mkdir(parents=True, exist_ok=True)
    for table in tables:
        (part / f"{table}.{form}").rename(data / form / f"{table}.{form}")
    shutil.rmtree(part)


def read_once(path: Path) -> None:
    """Brings a file into the page cache, so that neither side pays for the disk."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 24):
            pass
