"""What the demo prints: where things are, and commands to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from router.demo.stage import Stage

_SAID: Final = (
    '{"messages": [{"role": "user", "content": '
    '"Write to jane.roe@example.com or call (415) 555-0134."}]}'
)
_STREAMED: Final = f'{_SAID.removesuffix("}")}, "stream": true}}'

# No comments among the commands: an interactive zsh takes them for commands.
SECTIONS: Final = (
    (
        "Personal data leaves as placeholders (the second command shows what the vendor got)",
        f"""\
curl -s $R/vortexcore/api/ai-chat -H "X-API-Key: $KEY" -H "$J" -d \\
  '{_SAID}'
curl -s "$U/__received?last=1&path=/functions/v1/ai-chat"
""",
    ),
    (
        "The same, streamed",
        f"""\
curl -sN $R/vortexcore/api/ai-chat -H "Authorization: Bearer $TOKEN" -H "$J" -d \\
  '{_STREAMED}'
""",
    ),
    (
        "No field and no body names the vendor",
        """\
curl -si $R/maas/api/ai-chat -H "X-API-Key: $KEY" -H "$J" -d '{"message": "Who are you?"}' \\
  | grep -i openai || echo "nobody said openai"
""",
    ),
    (
        "A limit: 30 a minute pass, the others are told when to come back",
        """\
for i in $(seq 40); do curl -s -o /dev/null -w '%{http_code}\\n' -H "X-API-Key: $KEY" \\
  -H "$J" -d '{"text": "hi"}' $R/seftechub/api/text-to-speech; done | sort | uniq -c
""",
    ),
    (
        "Who am I, what may I call, and what the operator sees",
        """\
curl -s $R/whoami -H "Authorization: Bearer $TOKEN"
curl -s $R/lanonasis/services -H "X-API-Key: $KEY"
curl -s $R/metrics -H "Authorization: Bearer $ADMIN" | grep -e pii_entities -e masked_total
""",
    ),
)
"""Titles, and the commands under them."""


def text(stage: Stage) -> str:
    """The whole page, for a terminal."""
    shown = "\n".join(f"── {title}\n\n{commands}" for title, commands in SECTIONS)
    return f"""
The router is up; Ctrl-C ends it.

  dashboard  {stage.router_url}/dashboard   (asks for the operator token, ADMIN below)
  services   {stage.router_url}/services
  upstreams  {stage.origin_url}   (stand-ins; what reached them: /__received)
  logs       {stage.data}/*.log

── Paste first: the addresses, an API key, an operator token, a user's token

{variables(stage)}
{shown}"""


def variables(stage: Stage) -> str:
    """The shell variables the commands use."""
    return f"""\
R={stage.router_url}
U={stage.origin_url}
J='Content-Type: application/json'
KEY={stage.api_key}
ADMIN={stage.admin_token}
TOKEN={stage.token}
"""
