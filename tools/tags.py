"""`make tags`: create the tag `vX.Y.Z` of each release in releases.toml.

Only the main branch is published, so a clone has no tags until this has run.
"""

from .releases import Release, commit_of, fail, git, released


def main() -> None:
    """Create the missing tags. Existing tags are checked and never moved."""
    missing: list[Release] = []
    for release in released():
        found = commit_of(release.tag)
        if found is None:
            missing.append(release)
        elif found != release.commit:
            fail(
                f"the tag {release.tag} is at {found}, but releases.toml has {release.commit}. "
                f"No tag was changed. If releases.toml is right, delete the tag with "
                f"`git tag --delete {release.tag}` and run `make tags` again."
            )
    for release in missing:
        git("tag", release.tag, release.commit)
        print(f"created {release.tag} at {release.commit[:12]}")
    print(f"{len(released())} tags match releases.toml")


if __name__ == "__main__":
    main()
