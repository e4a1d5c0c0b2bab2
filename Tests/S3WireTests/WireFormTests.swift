import S3Wire
import Testing

struct WireFormTests {
    @Test(arguments: [
        ("/b/a%20b+c?x=1+2&y", "/b/a b+c", "/b/a%20b%2Bc?x=1%202&y="),
        ("/b//a/../%2e%2e/./c", "/b//a/../.././c", "/b//a/../.././c"),
        ("/b/%C3%A9?b=2&a=2&a=1", "/b/é", "/b/%C3%A9?a=1&a=2&b=2"),
        ("/", "/", "/"),
    ])
    func `a target is decoded once and encoded by the SigV4 rule`(
        raw: String,
        path: String,
        canonical: String
    ) throws {
        let target = try RequestTarget(parsing: raw)
        #expect(String(decoding: target.path, as: UTF8.self) == path)
        #expect(target.encoded == canonical)
    }

    @Test(arguments: ["/a%2", "/a%zz", "b/k", "/?a=%ff", ""])
    func `a target with a bad escape is refused`(raw: String) {
        #expect(throws: S3RequestError(.invalidURI)) { try RequestTarget(parsing: raw) }
    }

    @Test func `a header value is trimmed, its spaces collapsed, its lines joined`() {
        var headers = HeaderFields()
        headers.append("x-amz-meta-a", "  one   two ")
        headers.append("x-amz-meta-a", "three")
        var output: [UInt8] = []
        headers.appendCanonicalValue(of: "x-amz-meta-a", to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "one two,three")
    }

    @Test(arguments: [
        (0, "19700101T000000Z", "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_400, "20000229T000000Z", "2000-02-29T00:00:00.000Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_369_353_600, "20130524T000000Z", "2013-05-24T00:00:00.000Z", "Fri, 24 May 2013 00:00:00 GMT"),
        (4_107_542_399, "21000228T235959Z", "2100-02-28T23:59:59.000Z", "Sun, 28 Feb 2100 23:59:59 GMT"),
    ])
    func `a moment is written and read in all its forms`(
        seconds: Int64,
        basic: String,
        extended: String,
        http: String
    ) {
        let time = S3Timestamp(seconds: seconds)
        #expect(time.basic == basic)
        #expect(time.extended == extended)
        #expect(time.http == http)
        #expect(S3Timestamp(basic: basic) == time)
        #expect(S3Timestamp(http: http) == time)
    }

    @Test(arguments: ["20131324T000000Z", "2013-05-24T00:00:00Z", "20130524T250000Z", "", "20130524T000000"])
    func `a malformed date is no moment`(text: String) {
        #expect(S3Timestamp(basic: text) == nil)
    }

    @Test func `credentials show four characters of the access key and nothing of the secret`() {
        let credentials = S3Credentials(
            accessKey: "AKIAEXAMPLE",
            secretKey: "topsecret",
            sessionToken: "token"
        )
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(text.contains("AKIA"))
            #expect(!text.contains("EXAMPLE") && !text.contains("topsecret") && !text.contains("token"))
        }
    }

    @Test func `credentials come from the environment with region and session token`() throws {
        let environment = [
            "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
            "AWS_REGION": "eu-central-1",
        ]
        let expected = S3Credentials(
            accessKey: "id",
            secretKey: "secret",
            sessionToken: "token",
            region: "eu-central-1"
        )
        #expect(try S3Credentials.fromEnvironment(environment) == expected)
        #expect(throws: S3WireError.credentialMissing(variable: "AWS_SECRET_ACCESS_KEY")) {
            try S3Credentials.fromEnvironment(["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": ""])
        }
    }

    @Test(arguments: [
        ("http://127.0.0.1:9000", "127.0.0.1:9000", "/bucket/a//b"),
        ("http://[::1]:9000/", "[::1]:9000", "/bucket/a//b"),
        ("https://s3.eu-central-1.amazonaws.com", "bucket.s3.eu-central-1.amazonaws.com", "/a//b"),
    ])
    func `an endpoint says host and path of an object`(url: String, authority: String, path: String) throws {
        let location = try S3Endpoint(url: url).location(bucket: "bucket", key: "a//b")
        #expect(location.authority == authority)
        #expect(String(decoding: location.path, as: UTF8.self) == path)
    }

    @Test(arguments: [
        "127.0.0.1:9000", "http://", "http://host:0", "http://host:x", "http://host/path", "ftp://h",
    ])
    func `what is no endpoint is refused`(url: String) {
        #expect(throws: S3WireError.endpointMalformed(text: url)) { try S3Endpoint(url: url) }
    }
}
