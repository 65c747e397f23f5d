"""The addresses of the second factor, of codes on paper, and of the owner's way back in."""

from http import HTTPStatus

from fastapi import APIRouter

from appliance.accounts.own_activities import OwnActivities
from appliance.accounts.qr import qr_svg
from appliance.accounts.recovering import Proof
from appliance.accounts.routes.client import AskingClient
from appliance.accounts.schemas.second_factor import (
    CodeBody,
    CodesOut,
    FactorOut,
    FactorStartOut,
    RecoverBody,
    RecoveryCodesOut,
    RecoveryOut,
    SecondStepBody,
)
from appliance.accounts.schemas.sign_in import TokensOut
from appliance.base.web.identity import Confirmed, SignedIn


def add_second_factor_routes(router: APIRouter, own: OwnActivities) -> None:
    """Add the second step of signing in, and switching it on and off."""
    factors = own.factors

    @router.post("/mfa/verify", summary="Sign in: the second step")
    async def verify(body: SecondStepBody, client: AskingClient) -> TokensOut:
        entered = await own.second_step.verify(body.mfa_token, body.code, client.visitor)
        return client.answered(entered)

    @router.get("/mfa", summary="Whether signing in takes a second factor")
    async def state(identity: SignedIn) -> FactorOut:
        found = await factors.state_of(identity.user_id)
        return FactorOut(
            enabled=found.enabled_at is not None,
            since=found.enabled_at,
            recovery_codes_left=found.recovery_codes_left,
        )

    @router.post("/mfa/start", summary="Begin with an authenticator app")
    async def start(identity: Confirmed) -> FactorStartOut:
        begun = await factors.start(identity.user_id)
        return FactorStartOut(
            secret=begun.secret, otpauth_uri=begun.otpauth_uri, qr_svg=qr_svg(begun.otpauth_uri)
        )

    @router.post("/mfa/confirm", summary="Show a first code; from now on it is needed")
    async def confirm(identity: SignedIn, body: CodeBody, client: AskingClient) -> RecoveryCodesOut:
        codes = await factors.confirm(identity.user_id, body.code, address=client.visitor.address)
        return RecoveryCodesOut(recovery_codes=codes)

    @router.post(
        "/mfa/disable", status_code=HTTPStatus.NO_CONTENT, summary="The password alone is enough"
    )
    async def disable(identity: Confirmed, client: AskingClient) -> None:
        await factors.disable(identity.user_id, address=client.visitor.address)


def add_recovery_routes(router: APIRouter, own: OwnActivities) -> None:
    """Add codes on paper, and the owner's way back in."""

    @router.get("/recovery", summary="How many codes on paper are left")
    async def left(identity: SignedIn) -> RecoveryOut:
        found = await own.factors.state_of(identity.user_id)
        return RecoveryOut(left=found.recovery_codes_left, created_at=found.recovery_codes_made_at)

    @router.post("/recovery", summary="Make new codes on paper")
    async def make(identity: Confirmed, client: AskingClient) -> CodesOut:
        codes = await own.factors.new_recovery_codes(
            identity.user_id, address=client.visitor.address
        )
        return CodesOut(codes=codes)

    @router.post("/recover", summary="Set another password, as the owner, by a code on paper")
    async def recover(body: RecoverBody, client: AskingClient) -> TokensOut:
        proof = Proof(
            email=body.email,
            recovery_code=body.recovery_code,
            password=body.password,
            code=body.code,
        )
        return client.answered(await own.recovering.recover(proof, client.visitor))
