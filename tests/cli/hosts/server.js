// server.js FOLDER [FAULT...]: the comment interfaces of GitHub, GitLab, Bitbucket and CodeCommit,
// as far as one comment on pull request 12 of owner/app goes.
//
// It prints its port, writes the comments there are to FOLDER/comments.json and the requests it got
// to FOLDER/requests. The first requests meet the faults: "429" and "503" (with Retry-After: 1),
// "drop-write" (a write is carried out, and the connection cut), "-" (none).
'use strict';
const aws4 = require('aws4');
const fs = require('fs');
const http = require('http');
const path = require('path');

const [folder, ...faults] = process.argv.slice(2);
const TOKEN = 'token-of-the-test', KEY = {accessKeyId: 'AKIDTEST', secretAccessKey: 'secret/of+the/test'};
const SESSION = 'session+token/of=the test';
const other = Array.from({length: 150}, (_, i) => ({id: 1000 + i, text: `remark ${i}\n> <!-- lockkeeper: lockkeeper -->`}));
let comments = [...other];
const save = () => fs.writeFileSync(path.join(folder, 'comments.json'),
    JSON.stringify(comments.filter(c => !other.includes(c)), null, 1));
const note = line => fs.appendFileSync(path.join(folder, 'requests'), line + '\n');

const create = text => {
    const comment = {id: 5000 + comments.length, text};
    comments.push(comment);
    save();
    return comment;
};
const replace = (id, text) => {
    const comment = comments.find(c => String(c.id) === id);
    if (comment) { comment.text = text; save(); }
    return comment;
};

// A collection under a URL: what differs between the three hosts.
const rest = [
    {list: '/repos/owner/app/issues/12/comments', one: '/repos/owner/app/issues/comments/', update: 'PATCH',
     size: 'per_page', allowed: h => h.authorization === `Bearer ${TOKEN}`,
     show: c => ({id: c.id, body: c.text}), page: l => l, read: b => b.body, max: 65536},
    {list: '/api/v4/projects/owner%2Fapp/merge_requests/12/notes', one: '/api/v4/projects/owner%2Fapp/merge_requests/12/notes/',
     update: 'PUT', size: 'per_page', allowed: h => h['private-token'] === TOKEN || h['job-token'] === TOKEN,
     show: c => ({id: c.id, body: c.text}), page: l => l, read: b => b.body, max: 1000000},
    {list: '/2.0/repositories/owner/app/pullrequests/12/comments', one: '/2.0/repositories/owner/app/pullrequests/12/comments/',
     update: 'PUT', size: 'pagelen', allowed: h => h.authorization === `Bearer ${TOKEN}`,
     show: c => ({id: c.id, content: {raw: c.text}, deleted: false}), page: l => ({values: l, page: 1}),
     read: b => b.content && b.content.raw, max: 32768},
];

function answerRest(request, url, body) {
    const host = rest.find(r => url.pathname === r.list || url.pathname.startsWith(r.one));
    if (!host) return [404, {message: 'Not Found'}];
    if (!host.allowed(request.headers)) return [401, {message: 'Bad credentials'}];
    if (!request.headers['user-agent']) return [403, {message: 'a user agent is asked for'}];
    if (request.method === 'GET') {
        const size = Math.min(100, Number(url.searchParams.get(host.size)));
        const from = (Number(url.searchParams.get('page')) - 1) * size;
        return [200, host.page(comments.slice(from, from + size).map(host.show))];
    }
    if (!/^application\/json/.test(request.headers['content-type'])) return [415, {message: 'no JSON'}];
    const text = host.read(JSON.parse(body));
    if (typeof text !== 'string' || [...text].length > host.max) return [422, {message: 'body is too long'}];
    if (request.method === 'POST' && url.pathname === host.list) return [201, host.show(create(text))];
    const changed = request.method === host.update && replace(url.pathname.slice(host.one.length), text);
    return changed ? [200, host.show(changed)] : [404, {message: 'Not Found'}];
}

// signed tells whether the signature is the one that aws4 makes of the headers it names.
function signed(request, body) {
    const given = request.headers.authorization || '';
    const names = (/SignedHeaders=([^,]*)/.exec(given) || ['', ''])[1].split(';');
    if (!names.includes('x-amz-target') || !names.includes('x-amz-security-token')) return false;
    const headers = {};
    for (const name of names) headers[name] = request.headers[name];
    const ours = aws4.sign({service: 'codecommit', region: 'eu-west-1', method: request.method,
                            path: request.url, headers, body,
                            extraHeadersToIgnore: {'content-length': true}}, KEY);
    return ours.headers.Authorization === given && request.headers['x-amz-security-token'] === SESSION;
}

const commits = {destinationCommit: 'a'.repeat(40), sourceCommit: 'b'.repeat(40)};
const operations = {
    GetPullRequest: i => i.pullRequestId === '12' &&
        {pullRequest: {pullRequestTargets: [{repositoryName: 'app', ...commits}]}},
    GetCommentsForPullRequest: i => {
        if (i.pullRequestId !== '12' || i.repositoryName !== 'app') return false;
        const from = Number(i.nextToken || 0), next = from + 100;
        return {commentsForPullRequestData: [{comments: comments.slice(from, next).map(
                    c => ({commentId: String(c.id), content: c.text, deleted: false}))}],
                ...(next < comments.length ? {nextToken: String(next)} : {})};
    },
    PostCommentForPullRequest: i => i.beforeCommitId === commits.destinationCommit &&
        i.afterCommitId === commits.sourceCommit && i.content.length <= 10240 &&
        {comment: {commentId: String(create(i.content).id)}},
    UpdateComment: i => {
        const comment = replace(i.commentId, i.content);
        return comment && {comment: {commentId: String(comment.id)}};
    },
};

function answerCodeCommit(request, body) {
    if (!signed(request, body)) return [403, {__type: 'InvalidSignatureException', message: 'signature does not match'}];
    const operation = request.headers['x-amz-target'].replace('CodeCommit_20150413.', '');
    const output = operations[operation] && operations[operation](JSON.parse(body));
    return output ? [200, output] : [400, {__type: 'InvalidInputException', message: 'no such thing'}];
}

function answer(request, body) {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/role') {
        return request.headers.authorization === 'role-token'
            ? [200, {AccessKeyId: KEY.accessKeyId, SecretAccessKey: KEY.secretAccessKey, Token: SESSION}]
            : [403, {message: 'who is that?'}];
    }
    return request.headers['x-amz-target'] ? answerCodeCommit(request, body) : answerRest(request, url, body);
}

save();
http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', part => { body += part; });
    request.on('end', () => {
        const write = request.method !== 'GET' && !/Get/.test(request.headers['x-amz-target'] || '');
        const fault = faults[0] === 'drop-write' && !write ? undefined : faults.shift();
        note(`${request.method} ${request.headers['x-amz-target'] || request.url.split('?')[0]} ${fault || '-'}`);
        if (fault === '429' || fault === '503' || fault === '400-throttled') {
            const status = Number(fault.slice(0, 3));
            response.writeHead(status, status === 400 ? {} : {'Retry-After': '1'});
            return response.end(JSON.stringify({__type: 'com.amazon#ThrottlingException', message: 'slow down'}));
        }
        const [status, document] = answer(request, body);
        if (fault === 'drop-write') return request.socket.destroy();
        response.writeHead(status, {'Content-Type': 'application/json'});
        return response.end(JSON.stringify(document));
    });
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
