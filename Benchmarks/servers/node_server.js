// Node: one route that derives a key synchronously, and the same work on libuv's threads.
// Usage: node node_server.js PORT
'use strict';
const crypto = require('node:crypto');
const http = require('node:http');

const ROUNDS = 10000;

// The content of the form's first file, as the few lines of many a small service find it.
function fileOf(body) {
    const start = body.indexOf('\r\n\r\n') + 4;
    const boundary = body.subarray(0, body.indexOf('\r\n'));
    return body.subarray(start, body.indexOf(boundary, start) - 2);
}

function answer(response, status, content) {
    const text = JSON.stringify(content);
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length });
    response.end(text);
}

http.createServer((request, response) => {
    if (request.method === 'GET') return answer(response, 200, 'ok');
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
        if (request.method === 'HEAD') return answer(response, 405, '');
        const file = fileOf(Buffer.concat(parts));
        if (request.url === '/before') {
            const key = crypto.pbkdf2Sync(file, 'salt', ROUNDS, 32, 'sha256');
            return answer(response, 200, { key: key.toString('hex') });
        }
        crypto.pbkdf2(file, 'salt', ROUNDS, 32, 'sha256', (error, key) => {
            answer(response, error ? 500 : 200, error ? String(error) : { key: key.toString('hex') });
        });
    });
}).listen(Number(process.argv[2]), '127.0.0.1');
