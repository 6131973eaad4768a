"""The vocabulary the router ships: how vendors name themselves, their ids and their members.

Data only. A phrase is written with spaces; it is also met with ``-``, with ``_`` and closed up.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's words.

    ``words`` mean nothing else and are masked everywhere; ``common`` are everyday words too, so
    prose keeps them; ``models`` mean the vendor only beside a model or a provider.
    """

    words: tuple[str, ...]
    common: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


VENDORS = (
    Vendor(
        ("openai", "chatgpt"),
        (
            *("open ai", "gpt", "dall e", "dalle", "davinci", "text embedding 3"),
            *("text embedding ada", "o1 preview", "o1 mini", "o3 mini", "o4 mini"),
        ),
        ("sora",),
    ),
    Vendor(("azure openai", "openai.azure.com"), ("azure", "cognitiveservices.azure.com")),
    Vendor(("anthropic",), ("claude",), ("sonnet", "haiku")),
    Vendor(
        ("generativelanguage.googleapis.com", "aiplatform.googleapis.com", "vertex ai"),
        ("google", "gemini", "googleapis"),
        ("gemma", "vertex", "palm"),
    ),
    Vendor(("mistral ai", "mixtral"), ("mistral",), ("codestral", "ministral", "magistral")),
    Vendor(("cohere.ai", "cohere.com"), ("cohere",)),
    Vendor(("meta llama",), ("llama", "meta ai"), ("meta",)),
    Vendor(("deepseek",)),
    Vendor(
        ("elevenlabs", "eleven labs", "eleven multilingual", "eleven monolingual", "eleven turbo"),
        ("eleven flash", "xi-api-key"),
        ("eleven",),
    ),
    Vendor(("deepgram",)),
    Vendor(("assemblyai",), ("assembly ai",)),
    Vendor(("supabase",), ("postgrest", "gotrue")),
    Vendor(("deno.dev", "deno deploy"), ("deno",)),
    Vendor(("neon.tech", "neondb"), ("neon",)),
    Vendor(("cloudflare",), ("workers.dev", "cf-ray")),
    Vendor(("vercel",)),
    Vendor(("amazon bedrock", "aws bedrock"), ("amazon", "amazonaws", "aws", "bedrock")),
    Vendor(("stripe.com",), ("stripe",)),
    Vendor((), ("express", "expressjs")),
    Vendor((), ("whisper",)),
    Vendor(("groq", "openrouter", "litellm", "ollama"), ("grok",), ("replicate", "perplexity")),
)


@dataclass(frozen=True, slots=True)
class Stem:
    """How a vendor begins its ids: ``prefix`` and at least ``least`` letters and digits.

    ``neutral`` takes the prefix' place, and no two share one, so that it leads back (``back``).
    With ``drop`` the id itself goes too (it names the operator's account), and nothing leads back.
    ``joined``: there may be ``-`` and ``_`` in it, see ``ids.is_id``. ``anywhere``: in prose and in
    any letter case too.
    """

    prefix: str
    neutral: str
    least: int
    drop: bool = False
    anywhere: bool = False
    joined: bool = True
    back: bool = True


STEMS = (
    Stem("chatcmpl-", "chat-", 1, anywhere=True),
    Stem("chatcmpl_", "chat_", 1, anywhere=True, back=False),
    Stem("cmpl-", "text-", 8),
    Stem("toolu_", "tool_", 16),
    Stem("msg_", "message_", 16),
    Stem("req_", "request_", 16),
    Stem("resp_", "response_", 16),
    Stem("asst_", "assistant_", 16),
    Stem("org-", "org-", 8, drop=True, joined=False),
    Stem("proj_", "proj_", 8, drop=True, joined=False),
    Stem("fp_", "build-", 8, drop=True, joined=False),
    Stem("sk-proj-", "key-", 4, drop=True),
    Stem("sk-svcacct-", "key-", 4, drop=True),
    Stem("sk-ant-", "key-", 4, drop=True),
)

DROPPED_MEMBERS = frozenset({"system_fingerprint", "x_groq", "service_tier"})
"""Members of a JSON answer that only tell the vendor apart; readers take them out whole."""
