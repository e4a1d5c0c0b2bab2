import CCurl
import Glibc

/// libcurl as this process uses it: started once, with its large blocks pooled.
package enum CurlGlobal {
    /// The blocks that libcurl's transfers share.
    ///
    /// It holds no more than were in use at one time, and never more than its limit.
    package static let blocks = BlockPool(limit: 512 << 20)

    /// libcurl's version, such as `7.88.1`.
    package static let version = String(cString: information.version)

    /// The library that speaks TLS for libcurl, such as `OpenSSL/3.0.17`; nil without one.
    package static let tlsVersion = information.ssl_version.map { String(cString: $0) }

    private static var information: curl_version_info_data { ccurl_version().pointee }

    private static let started: CURLcode = curl_global_init_mem(
        Int(CURL_GLOBAL_DEFAULT),
        { $0 < BlockPool.step ? malloc($0) : CurlGlobal.blocks.allocate($0) },
        { block in
            guard let block, BlockPool.mayHavePooled(block) else { return free(block) }
            CurlGlobal.blocks.release(block)
        },
        { CurlGlobal.blocks.resize($0, to: $1) },
        { text in text.flatMap { strdup($0) } },
        { calloc($0, $1) }
    )

    /// Starts libcurl unless it runs already.
    ///
    /// The corresponding C function is `curl_global_init_mem`.
    ///
    /// - Throws: ``CurlError`` if libcurl cannot start.
    static func start() throws(CurlError) {
        guard started == CURLE_OK else {
            throw .refused(code: started.rawValue, words: String(cString: curl_easy_strerror(started)))
        }
    }
}
