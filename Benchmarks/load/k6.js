// Uploads one file so many times: by k6's own multipart form, or as a prebuilt body.
import http from 'k6/http';

const isRaw = __ENV.KIND === 'raw';
const content = open(isRaw ? __ENV.BODY : __ENV.FILE, 'b');

export const options = {
    discardResponseBodies: true,
    scenarios: {
        uploads: {
            executor: 'shared-iterations',
            vus: Number(__ENV.IN_FLIGHT),
            iterations: Number(__ENV.UPLOADS),
            maxDuration: '10m',
        },
    },
};

export default function () {
    if (isRaw) {
        http.post(__ENV.URL, content, { headers: { 'Content-Type': __ENV.TYPE } });
    } else {
        http.post(__ENV.URL, { file: http.file(content, 'sample.pdf', 'application/pdf') });
    }
}
