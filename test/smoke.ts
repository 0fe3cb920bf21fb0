import { startControlPlane } from './harness/control-plane.ts';
import { startMinistack } from './harness/aws-endpoint.ts';
import { startOperator } from './harness/operator-process.ts';
import { until } from './harness/until.ts';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
const t0=Date.now(); const say=(...a:any[])=>console.log(((Date.now()-t0)/1000).toFixed(2),...a);
const crds=['externalsecrets','secretstores','clustersecretstores'].map(k=>`crds/external-secrets.io_${k}.yaml`);
const [cluster, aws] = await Promise.all([startControlPlane({crdPaths: crds}), startMinistack()]);
say('up', cluster.access?.url ?? '', aws.url);
const sm = aws.secretsManager();
const made = await sm.send(new CreateSecretCommand({Name:'app/db', SecretString: JSON.stringify({user:'u1', password:'p1'})}));
await cluster.applyPath('deploy/rbac.yaml');
const kubeconfigPath = await cluster.kubeconfigFor({namespace:'keyturn', serviceAccount:'keyturn'});
const op = await startOperator({kubeconfigPath, env:{AWS_ENDPOINT_URL: aws.url}, args:['--health-addr','127.0.0.1:0','--metrics-addr','127.0.0.1:0','--log-level','debug']});
say('operator started', await op.healthUrl());
await cluster.apply(`
apiVersion: v1
kind: Secret
metadata: {name: creds, namespace: default}
stringData: {id: test, key: test}
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: aws, namespace: default}
spec:
  provider:
    aws:
      service: SecretsManager
      region: us-east-1
      auth:
        secretRef:
          accessKeyIDSecretRef: {name: creds, key: id}
          secretAccessKeySecretRef: {name: creds, key: key}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: default, labels: {team: a}}
spec:
  refreshInterval: 2s
  secretStoreRef: {name: aws}
  data:
  - secretKey: password
    remoteRef: {key: app/db, property: password}
  dataFrom:
  - extract: {key: app/db}
`);
say('applied');
const get=async()=> (await cluster.kubectl(['get','secret','db','-o','json']));
try {
const first = await until('secret', async()=>{ const r=await get(); return r.exitCode===0 && r.stdout }, 15000);
say('synced', JSON.parse(first).data);
const t1=Date.now();
await sm.send(new PutSecretValueCommand({SecretId:'app/db', SecretString: JSON.stringify({user:'u1', password:'p2'})}));
await until('rotated', async()=>{ const r=await get(); return JSON.parse(r.stdout).data.password===Buffer.from('p2').toString('base64') }, 15000);
say('rotated after', Date.now()-t1);
const t2=Date.now();
await cluster.kubectl(['patch','secret','db','-p','{"stringData":{"password":"evil","extra":"x"}}']);
await until('drift', async()=>{ const d=JSON.parse((await get()).stdout).data; return d.password===Buffer.from('p2').toString('base64') && !d.extra }, 5000);
say('drift repaired after', Date.now()-t2);
const t3=Date.now();
await cluster.kubectl(['delete','secret','db']);
await until('recreated', async()=>(await get()).exitCode===0, 5000);
say('deleted repaired after', Date.now()-t3);
} catch(e:any){ say('FAIL', e.message) }
await new Promise(r=>setTimeout(r,3000));
say((await cluster.kubectl(['get','es,ss','-o','wide'])).stdout);
say((await cluster.kubectl(['get','es','db','-o','yaml'])).stdout);
say((await cluster.kubectl(['get','secret','db','-o','yaml','--show-managed-fields'])).stdout);
say((await cluster.kubectl(['get','events'])).stdout);
say('rss', (await op.rssBytes())/1e6);
say(await op.stop());
for (const l of op.logs()) console.log(JSON.stringify(l));
await cluster.stop(); await aws.stop();
