"""THE LIFE OF A REQUEST: explicit phases, in one method, on one screen.

Security stages are called by name at fixed places; no configuration reorders them. Plugins hang
on hooks between them. Redaction is the last thing that happens to a request before it leaves, the
text pass the last thing that happens to an answer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from router.errors import GatewayError
from router.phases import replies

if TYPE_CHECKING:
    from router.downstream.asgi import Receive, Scope, Send
    from router.phases.accounting import Accounting
    from router.phases.admission import Admission
    from router.phases.inbound import Inbound
    from router.phases.outbound import Outbound


class Gateway:
    """The application for every path that is not a page of the router's own.

    Called as ASGI has it, but body and answer go by the server's own cycle, which the scope holds.
    """

    def __init__(
        self, admission: Admission, inbound: Inbound, outbound: Outbound, accounting: Accounting
    ) -> None:
        self.admission = admission
        self.inbound = inbound
        self.outbound = outbound
        self.accounting = accounting

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Takes one request from its head to its account."""
        call = self.admission.begin(scope)
        try:
            service = self.admission.match(call)
            if (preflight := self.admission.preflight(call, service)) is not None:
                self.admission.tell_limits(call)
                await replies.reply(call, preflight)
                return
            self.admission.admit(call, service)
            await self.admission.authenticate(call, service)
            self.admission.authorise(call, service)
            self.admission.limit(call, service)
            if (answer := await self.inbound.ask_plugins(call, service)) is not None:
                await replies.reply(call, answer)
                return
            destination = self.inbound.destination(service)
            request = await self.inbound.prepare(call, service, destination)
            response = await self.outbound.send(call, service, destination, request)
            head, editing = await self.outbound.open(call, service, response)
            await self.outbound.relay(call, response, head, editing)
        except GatewayError as error:
            if error.status != 429:  # that one tells of the limit it is about
                self.admission.tell_limits(call)
            await replies.refuse(call, error)
        except asyncio.CancelledError:
            call.exchange.outcome.disconnected = not call.downstream.refused
            raise
        except Exception as error:  # noqa: BLE001  a fault of ours is an answer too, and is logged
            await replies.fail(call, error)
        finally:
            self.accounting.close(call)
