"""The command line: ``router`` and ``python -m router`` are the same program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# Each verb imports what it needs when it runs: `router check` does not wait for a web server.

app = typer.Typer(
    name="router",
    help="A config-driven reverse proxy that fronts five platforms with one URL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
Json = Annotated[bool, typer.Option("--json", help="Tables as JSON.")]
DEFAULT = Path("config/routes.yaml")


@app.command()
def serve(
    config: Config = DEFAULT,
    host: Annotated[str | None, typer.Option(help="Instead of the configured address.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Instead of the configured port.", min=0, max=65535)
    ] = None,
    ssl_certfile: Annotated[str, typer.Option(help="TLS towards callers: the chain.")] = "",
    ssl_keyfile: Annotated[str, typer.Option(help="TLS towards callers: its key.")] = "",
) -> None:
    """Serve until SIGTERM, then finish what is under way and exit 0."""
    from router.cli.serve import serve as run

    raise typer.Exit(run(config, host, port, ssl_certfile, ssl_keyfile))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the router listens.", min=0, max=65535)] = 8080,
) -> None:
    """Start the example upstreams and a router in front of them; Ctrl-C ends all."""
    from router.demo.run import demo as run

    raise typer.Exit(run(port))


@app.command()
def check(
    config: Config = DEFAULT,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema.")] = False,
) -> None:
    """Tell every problem of a configuration at once."""
    from router.cli.check import check as run

    raise typer.Exit(run(config, schema=schema))


@app.command()
def routes(config: Config = DEFAULT, as_json: Json = False) -> None:
    """Show the table that results: every service on every platform."""
    from router.cli.routes import routes as run

    raise typer.Exit(run(config, as_json=as_json))


@app.command()
def explain(
    method: Annotated[str, typer.Argument(help="GET, POST and so on.")],
    url: Annotated[str, typer.Argument(help="A URL, or a path with its query.")],
    headers: Annotated[
        list[str] | None, typer.Option("--header", "-H", help="'Name: value', as often as wanted.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--data", "-d", help="The body; @file for a file's bytes, @- for stdin's."),
    ] = None,
    client: Annotated[
        str, typer.Option("--from", help="The address that it comes from.")
    ] = "127.0.0.1",
    config: Config = DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    show_values: Annotated[
        bool,
        typer.Option(
            "--show-values",
            help="Show personal data as it is, bodies and queries that nobody looks through too. "
            "Without it: its shape. Credentials are never shown.",
        ),
    ] = False,
) -> None:
    """Tell each decision about a request; nothing is sent, counted or written. Exit 1: refused."""
    from router.cli.explain import explain as run

    raise typer.Exit(
        run(
            config,
            method,
            url,
            headers=headers or (),
            data=data,
            client=client,
            as_json=as_json,
            show_values=show_values,
        )
    )


@app.command()
def token(
    sub: Annotated[str, typer.Option(help="The user's id.")],
    email: Annotated[str, typer.Option(help="The user's e-mail address.")] = "",
    expires: Annotated[str, typer.Option(help="How long it holds.")] = "1h",
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Sign a JWT with the SSO secret, for trying things."""
    from router.cli.loaded import session_issuer
    from router.cli.token import token as run

    issuer = session_issuer(config)
    raise typer.Exit(run(issuer, sub=sub, email=email, expires=expires, as_json=as_json))


keys = typer.Typer(help="Create, list, revoke and rotate API keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")

Reference = Annotated[str, typer.Argument(help="A key's id, its name, or the key itself.")]


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    user: Annotated[str, typer.Option(help="Whose it is.")],
    scopes: Annotated[str, typer.Option(help="Scopes, parted by commas; * is all.")],
    platforms: Annotated[str, typer.Option(help="Platforms it is limited to; none: all.")] = "",
    expires: Annotated[str, typer.Option(help="A duration or a date; none: never.")] = "",
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Make a key; it is printed once, alone on stdout."""
    from router.cli import keys as run
    from router.cli.loaded import key_store

    path, known = key_store(config)
    raise typer.Exit(
        run.create(
            path,
            name=name,
            user=user,
            scopes=scopes,
            platforms=platforms,
            expires=expires,
            known_platforms=known,
            as_json=as_json,
        )
    )


@keys.command("list")
def list_keys(config: Config = DEFAULT, as_json: Json = False) -> None:
    """Show every key's row, never a key."""
    from router.cli import keys as run
    from router.cli.loaded import key_store

    raise typer.Exit(run.show(key_store(config)[0], as_json=as_json))


@keys.command("revoke")
def revoke_key(reference: Reference, config: Config = DEFAULT, as_json: Json = False) -> None:
    """End a key: refused within a second."""
    from router.cli import keys as run
    from router.cli.loaded import key_store

    raise typer.Exit(run.revoke(key_store(config)[0], reference, as_json=as_json))


@keys.command("rotate")
def rotate_key(
    reference: Reference,
    overlap: Annotated[str, typer.Option(help="How long the old key still holds.")] = "",
    config: Config = DEFAULT,
    as_json: Json = False,
) -> None:
    """Replace a key by a new one with the same rights."""
    from router.cli import keys as run
    from router.cli.loaded import key_store

    path = key_store(config)[0]
    raise typer.Exit(run.rotate(path, reference, overlap=overlap, as_json=as_json))


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
