// Passkeys: adds one, or signs in with one, from a form of the page.
//
//	<form data-passkey="signin" data-options="/…" data-finish="/…"
//	      data-say="an-id" data-failed="What to say when it did not work" hidden>
//	  <button>Sign in with a passkey</button>
//	</form>
//	<p id="an-id" role="status"></p>
//
// data-passkey is "register" or "signin". The form is hidden in the page and is
// shown where the browser can do it, so that without script, or in a browser that
// cannot, only the other ways to sign in are there; they are never touched.
//
// The form's fields are posted to data-options, which answers with the options as
// JSON. What the authenticator said is posted as JSON to data-finish, which answers
// {"location": "/where/to/go"}. Where a server's answer is a refusal, it may be
// {"message": "A sentence."}; it is shown in place of data-failed.
//
// Browsers from Chrome 109, Firefox 115 and Safari 15.4 on: older ones of these
// have no parse…OptionsFromJSON and no toJSON, and get them from here.

import { post, sendWith, toBytes, wayOn } from './submit.js';

// toText writes bytes as base64url without padding.
export function toText(buffer) {
  let binary = '';
  for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

// credentialList gives a list of credentials, as it stands in options, real ids.
function credentialList(list) {
  return (list || []).map((item) => ({ ...item, id: toBytes(item.id) }));
}

// creationOptions and requestOptions give options that came as JSON real bytes.
export function creationOptions(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: credentialList(json.excludeCredentials),
  };
}

export function requestOptions(json) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return {
    ...json,
    challenge: toBytes(json.challenge),
    allowCredentials: credentialList(json.allowCredentials),
  };
}

// credentialJSON writes what the authenticator said as JSON. Some password
// managers put a credential of their own in place of the browser's, with a toJSON
// that fails; so what toJSON would do is here too.
export function credentialJSON(credential) {
  try {
    if (typeof credential.toJSON === 'function') return JSON.stringify(credential.toJSON());
  } catch {
    // Written out below.
  }
  const said = credential.response, response = { clientDataJSON: toText(said.clientDataJSON) };
  for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (said[name]) response[name] = toText(said[name]);
  }
  if (typeof said.getTransports === 'function') response.transports = said.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment || undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

// ceremony asks, lets the authenticator answer, and returns where to go.
async function ceremony(form) {
  const { passkey, options, finish } = form.dataset;
  const asked = await post(options, new URLSearchParams(new FormData(form)));
  const credential = passkey === 'register'
    ? await navigator.credentials.create({ publicKey: creationOptions(asked) })
    : await navigator.credentials.get({ publicKey: requestOptions(asked) });
  return wayOn(await post(finish, credentialJSON(credential)));
}

// isPossible reports whether this browser makes and uses passkeys at this address.
function isPossible() {
  return window.isSecureContext && typeof PublicKeyCredential === 'function' &&
    !!navigator.credentials && typeof navigator.credentials.create === 'function';
}

if (isPossible()) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    sendWith(form, ceremony);
  }
}
