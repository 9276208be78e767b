// Drives npm's googleapis against the server whose address is the first argument; prints what it sent and read, one
// JSON object a line.

const { readFileSync } = require('node:fs');
const { google } = require('googleapis');

const client = google.dataflow({ version: 'v1b3', rootUrl: `${process.argv[2]}/` });

async function told(name, method, params, options) {
  let read;
  let uri;
  try {
    const answer = await method(params, options);
    read = { status: answer.status, type: answer.headers.get('content-type'), body: answer.data };
    uri = String(answer.config.url);
  } catch (error) {
    if (!error.response) throw error;
    read = { status: error.response.status, message: error.message, body: error.response.data };
    uri = String(error.config.url);
  }
  console.log(JSON.stringify({ name, uri, sent: params.requestBody ?? null, read }));
}

const message = (second, content) => ({
  time: `2026-11-21T00:00:${String(second).padStart(2, '0')}Z`,
  labels: { JOB_ID: 'node-job', WORKER_ID: 'vm-1' },
  ...content,
});

async function main() {
  const projects = client.projects;
  const byProject = projects.workerMessages.bind(projects);
  const byLocation = projects.locations.workerMessages.bind(projects.locations);
  const everything = JSON.parse(readFileSync(process.argv[3], 'utf8'));
  await told('every kind', byProject, { projectId: 'my-proj', requestBody: everything });
  const health = {
    workerMessages: [0, 10].map((second) => message(second, { workerHealthReport: { vmIsHealthy: true } })),
  };
  const located = { projectId: 'my-proj', location: 'us-central1', requestBody: health };
  await told('health, by location', byLocation, located);
  await told('the same again', byLocation, located);
  const odd = { workerMessages: [message(30, { workerMessageCode: { code: 'GCS_DOWNLOAD_ERROR' } })] };
  await told('odd names', byLocation, {
    projectId: 'example.com:my proj', location: 'eu west/1 ü', requestBody: odd, '$.xgafv': '2',
  });
  await told('empty', byProject, { projectId: 'my-proj', requestBody: {} });
  const wrong = { workerMessages: [{ workerHealthReport: { vmIsHealthy: 'yes' } }] };
  for (const format of ['1', '2']) {
    await told(`wrong, format ${format}`, byProject, { projectId: 'p', requestBody: wrong, '$.xgafv': format });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
