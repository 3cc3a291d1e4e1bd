import type { ProviderShape } from './oidc-provider.ts';

/** A provider, what to enter for it, and whom its token names then. */
export interface KnownProvider extends ProviderShape {
  /** What is configured: the first is what its access tokens say. Null: they name none. */
  readonly audience: string | null;
  /** What its tokens say in `sub`. */
  readonly sub: string;
  /** Where the user's id is, if not in `sub`. */
  readonly userClaim?: string;
  readonly userId: string;
}

const AUTH0 = {
  issuer: '/',
  jwks: '/.well-known/jwks.json',
  alg: 'RS256',
  audience: 'https://questlog.acme.example',
  sub: 'auth0|65f1c2',
  userId: 'auth0|65f1c2',
};
const AUTH0_AUDIENCES = ['https://questlog.acme.example', 'https://acme.eu.auth0.example/userinfo'];

const ENTRA = {
  jwks: '/common/discovery/v2.0/keys',
  alg: 'RS256',
  sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
};
const ENTRA_USER = { oid: '00000000-0000-0000-66f3-3332eca7ea81', tid: '9122040d-6c67', scp: 'access' };

/** The tokens that five providers sign, as their documentation shows them. */
export const KNOWN_PROVIDERS: readonly KnownProvider[] = [
  {
    ...AUTH0,
    name: 'Auth0',
    header: { typ: 'JWT' },
    claims: { aud: AUTH0_AUDIENCES, azp: 'my_client_id', scope: 'openid profile' },
  },
  {
    ...AUTH0,
    name: 'Auth0 with the profile of RFC 9068',
    header: { typ: 'at+jwt' },
    claims: { aud: AUTH0_AUDIENCES, client_id: 'my_client_id', jti: '73WakrfVbNJBaAmhQtEeDv' },
  },
  {
    name: 'Clerk',
    issuer: '',
    jwks: '/.well-known/jwks.json',
    alg: 'RS256',
    header: { typ: 'JWT', cat: 'cl_B7d4PD111AAA' },
    claims: { azp: 'https://app.example', sid: 'sess_2', sts: 'active', v: 2, fva: [9, -1] },
    audience: null,
    sub: 'user_2NNEqL2nrIRdJ194ndJqAHwEfxC',
    userId: 'user_2NNEqL2nrIRdJ194ndJqAHwEfxC',
  },
  {
    name: 'Supabase',
    issuer: '/auth/v1',
    jwks: '/auth/v1/.well-known/jwks.json',
    alg: 'ES256',
    header: { typ: 'JWT' },
    claims: { aud: 'authenticated', role: 'authenticated', aal: 'aal1', is_anonymous: false, email: '' },
    audience: 'authenticated',
    sub: '123e4567-e89b-12d3-a456-426614174000',
    userId: '123e4567-e89b-12d3-a456-426614174000',
  },
  {
    name: 'Keycloak with an audience mapper',
    issuer: '/realms/acme',
    jwks: '/realms/acme/protocol/openid-connect/certs',
    alg: 'RS256',
    header: { typ: 'JWT' },
    claims: { aud: ['questlog', 'account'], typ: 'Bearer', azp: 'spa', preferred_username: 'ada' },
    audience: 'questlog',
    sub: 'c3c4b3da-c660-432d-a566-02d86691083b',
    userClaim: 'preferred_username',
    userId: 'ada',
  },
  {
    ...ENTRA,
    name: 'Entra ID, version 2.0',
    issuer: '/9122040d-6c67/v2.0',
    header: { typ: 'JWT' },
    claims: { ...ENTRA_USER, aud: '6e74172b-be56', ver: '2.0', azp: '6e74172b-be56', azpacr: '0' },
    audience: '6e74172b-be56',
    userClaim: 'oid',
    userId: ENTRA_USER.oid,
  },
  {
    ...ENTRA,
    name: 'Entra ID, version 1.0',
    issuer: '/9122040d-6c67/',
    header: { typ: 'JWT', x5t: 'i6lGk3FZzxRcUb2C3nEQ7syHJlY' },
    claims: { ...ENTRA_USER, aud: 'api://6e74172b-be56', ver: '1.0', appid: '6e74172b-be56', appidacr: '0' },
    audience: 'api://6e74172b-be56',
    userId: ENTRA.sub,
  },
];
