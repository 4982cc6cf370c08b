"""Builds the features, each once, and from their own descriptions the command menus."""

from domain.actor import Translator
from handlers.affiliates import affiliates_feature
from handlers.antispam import antispam_feature
from handlers.apikey import apikey_feature
from handlers.autoreplies import autoreplies_feature
from handlers.bots import bots_feature
from handlers.broadcasts import broadcasts_feature
from handlers.campaigns import campaigns_feature
from handlers.chats import chats_feature
from handlers.checkout import checkout_feature
from handlers.commissions import commissions_feature
from handlers.coupons import coupons_feature
from handlers.credit import credit_feature
from handlers.gate import gate_feature
from handlers.imports import imports_feature
from handlers.joins import joins_feature
from handlers.leads import leads_feature
from handlers.lessons import lessons_feature
from handlers.memberships import memberships_feature
from handlers.moderation import moderation_feature
from handlers.newbroadcast import newbroadcast_feature
from handlers.newcampaign import newcampaign_feature
from handlers.newcoupon import newcoupon_feature
from handlers.newgateway import newgateway_feature
from handlers.newplan import newplan_feature
from handlers.orders import orders_feature
from handlers.payments import payments_feature
from handlers.payouts import payouts_feature
from handlers.plans import plans_feature
from handlers.postbacks import postbacks_feature
from handlers.projects import projects_feature
from handlers.receipts import receipts_feature
from handlers.revenue import revenue_feature
from handlers.routing import Audience, Routes, Where
from handlers.sales import sales_feature
from handlers.settings import settings_feature
from handlers.start import described, start_feature
from handlers.stats import stats_feature
from handlers.subscribers import subscribers_feature
from handlers.support import support_feature
from handlers.tariffs import tariffs_feature
from handlers.tokens import tokens_feature
from handlers.triggers import triggers_feature
from handlers.verification import verification_feature
from handlers.webhooks import webhooks_feature
from handlers.welcome import welcome_feature
from services.menus import Menu, MenuScope


def build_routes() -> Routes:
    """All features in the order their routers are asked."""
    return Routes(
        [
            start_feature(),
            bots_feature(),
            chats_feature(),
            joins_feature(),
            settings_feature(),
            welcome_feature(),
            autoreplies_feature(),
            antispam_feature(),
            lessons_feature(),
            verification_feature(),
            moderation_feature(),
            apikey_feature(),
            plans_feature(),
            newplan_feature(),
            orders_feature(),
            checkout_feature(),
            projects_feature(),
            tokens_feature(),
            memberships_feature(),
            subscribers_feature(),
            affiliates_feature(),
            commissions_feature(),
            coupons_feature(),
            credit_feature(),
            newcoupon_feature(),
            imports_feature(),
            sales_feature(),
            receipts_feature(),
            support_feature(),
            payments_feature(),
            newgateway_feature(),
            payouts_feature(),
            webhooks_feature(),
            campaigns_feature(),
            newcampaign_feature(),
            leads_feature(),
            broadcasts_feature(),
            newbroadcast_feature(),
            triggers_feature(),
            tariffs_feature(),
            postbacks_feature(),
            stats_feature(),
            revenue_feature(),
            gate_feature(),
        ]
    )


def build_menu(routes: Routes, anybody_owns: bool) -> Menu:
    """The command menus, from the features' own descriptions.

    With `anybody_owns`, everybody may connect bots and sees the commands for it in the service bot.
    """
    commands = list(routes.commands.values())

    def menu(t: Translator, scope: MenuScope, *, is_service: bool) -> list[tuple[str, str]]:
        audiences = {Audience.EVERYONE}
        if scope in (MenuScope.ADMINS, MenuScope.OWNER):
            audiences.add(Audience.ADMINS)
        if scope is MenuScope.OWNER:
            audiences |= {Audience.OWNER, Audience.ACCOUNT}
        if is_service and (scope is MenuScope.OWNER or (scope is MenuScope.PRIVATE and anybody_owns)):
            audiences |= {Audience.SERVICE, Audience.ACCOUNT}
        private = scope in (MenuScope.PRIVATE, MenuScope.OWNER)
        return described(t, commands, Where.PRIVATE if private else Where.GROUPS, audiences)

    return menu
