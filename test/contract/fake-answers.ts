/** The forms in which AWS answers: JSON 1.1 (Secrets Manager) and XML (STS). */

export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function jsonAnswer(reply: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(reply) };
}

/** An error of Secrets Manager, which spells `Message` or `message` as it likes. */
export function refusal(code: string, message: string, status = 400): FakeAnswer {
  return { status, body: JSON.stringify({ __type: code, Message: message }) };
}

export function stsAnswer(account: string, arn: string): FakeAnswer {
  const result = `<Arn>${arn}</Arn><UserId>AIDAFAKE</UserId><Account>${account}</Account>`;
  return xml(
    200,
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${result}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );
}

/** The answer to AssumeRoleWithWebIdentity. */
export function stsSession(
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
  sessionMs: number,
): FakeAnswer {
  const expiration = new Date(Date.now() + sessionMs).toISOString();
  const credentials = `<Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey><SessionToken>fake</SessionToken><Expiration>${expiration}</Expiration></Credentials>`;
  const user =
    '<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/app/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser>';
  return xml(
    200,
    `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>${credentials}${user}</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
  );
}

export function stsRefusal(code: string, message: string, status = 403): FakeAnswer {
  return xml(
    status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );
}

function xml(status: number, body: string): FakeAnswer {
  return { status, body, headers: { 'content-type': 'text/xml' } };
}
