"""`startapp` refuses a project whose `core` is older than the program."""

from pathlib import Path

from .support import groundplan


def test_a_core_older_than_the_program_is_refused(project: Path) -> None:
    web = project / "my_service/core/web/__init__.py"
    web.write_text(web.read_text().replace("from .lists import SortOf as SortOf\n", ""))
    done = groundplan("startapp", "shop", "Product", "title:str", cwd=project, code=1)
    assert done.stderr == (
        "Error: 'shop': my_service.core.web does not define SortOf (core-older). The project is older "
        "than this program: run `groundplan update`.\n"
    )
    assert not (project / "my_service/apps/shop").exists()


def test_the_other_side_of_a_reference_needs_a_core_that_imports_every_model(project: Path) -> None:
    apps = project / "my_service/core/apps.py"
    assert "    import_models(settings)  #" in apps.read_text()
    apps.write_text(apps.read_text().replace("    import_models(settings)  #", "    #"))
    words = ("Product", "author:ref=users.User:back=products", "--only", "models")
    done = groundplan("startapp", "shop", *words, cwd=project, code=1)
    assert done.stderr == (
        "Error: 'shop': my_service.core.apps imports no models for routers, and back= needs them "
        "(core-older). The project is older than this program: run `groundplan update`.\n"
    )
    assert not (project / "my_service/apps/shop").exists()
