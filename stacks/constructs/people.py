"""The user pool: who may sign in, by password or through another house, and the groups that are roles."""

from aws_cdk import Duration, SecretValue
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from stacks.constructs.stack import KoshaStack
from stacks.settings import IdentityProvider

ROLES = {
    "admin": "manages people, models and limits",
    "manager": "may create workspaces",
    "user": "asks, where somebody gave leave",
}
_MFA = {"off": cognito.Mfa.OFF, "optional": cognito.Mfa.OPTIONAL, "required": cognito.Mfa.REQUIRED}


class People(Construct):
    """`pool` and `client`: the browser signs in by SRP, scripts by password. Nobody signs up by themselves."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        stack = KoshaStack.around(self)
        chosen = stack.stage_settings.people
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),
            sign_in_case_sensitive=False,
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=_MFA[chosen.mfa],
            mfa_second_factor=None if chosen.mfa == "off" else cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                temp_password_validity=Duration.days(7),
            ),
            deletion_protection=stack.stage_settings.life.retain,
            removal_policy=stack.data_policy,
        )
        for name, description in ROLES.items():
            cognito.CfnUserPoolGroup(
                self,
                f"{name.capitalize()}s",
                user_pool_id=self.pool.user_pool_id,
                group_name=name,
                description=description,
            )
        provider = _provider(self, self.pool, chosen.identity_provider) if chosen.identity_provider else None
        self.client = self.pool.add_client(
            "Client",
            auth_flows=cognito.AuthFlow(user_srp=True, user_password=True),
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            id_token_validity=Duration.hours(1),
            access_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.days(30),
            disable_o_auth=provider is None,
            o_auth=_through(chosen.site_origins) if provider else None,
            supported_identity_providers=[
                cognito.UserPoolClientIdentityProvider.COGNITO,
                *([cognito.UserPoolClientIdentityProvider.custom(provider.provider_name)] if provider else []),
            ],
        )
        if provider:
            self.client.node.add_dependency(provider)
        if chosen.sign_in_domain:
            self.pool.add_domain(
                "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=chosen.sign_in_domain)
            )


def _provider(scope: Construct, pool: cognito.UserPool, chosen: IdentityProvider) -> cognito.IUserPoolIdentityProvider:
    email = cognito.ProviderAttribute.other("email")
    if chosen.kind == "saml":
        return cognito.UserPoolIdentityProviderSaml(
            scope,
            "Provider",
            user_pool=pool,
            name=chosen.name,
            metadata=cognito.UserPoolIdentityProviderSamlMetadata.url(str(chosen.metadata_url)),
            attribute_mapping=cognito.AttributeMapping(email=email),
        )
    return cognito.UserPoolIdentityProviderOidc(
        scope,
        "Provider",
        user_pool=pool,
        name=chosen.name,
        issuer_url=str(chosen.issuer),
        client_id=str(chosen.client_id),
        client_secret=SecretValue.secrets_manager(str(chosen.client_secret_arn)).unsafe_unwrap(),
        scopes=["openid", "email", "profile"],
        attribute_mapping=cognito.AttributeMapping(email=email),
    )


def _through(origins: tuple[str, ...]) -> cognito.OAuthSettings:
    return cognito.OAuthSettings(
        flows=cognito.OAuthFlows(authorization_code_grant=True),
        scopes=[
            cognito.OAuthScope.OPENID,
            cognito.OAuthScope.EMAIL,
            cognito.OAuthScope.PROFILE,
            cognito.OAuthScope.COGNITO_ADMIN,  # so that an access token can be asked about: who signed out is out
        ],
        callback_urls=[f"{origin}/" for origin in origins],
        logout_urls=[f"{origin}/" for origin in origins],
    )
