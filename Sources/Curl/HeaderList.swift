import CCurl

/// One field of a head.
package struct HeaderField: Sendable, Hashable, Codable {
    /// The name as written; its case carries no meaning.
    package var name: String
    /// The value without surrounding blanks.
    package var value: String

    /// Makes a field.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - value: The value.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// Request fields in libcurl's form, shared by all handles that send them.
///
/// `Expect` is only sent where it is asked for, and no `Content-Type` but a given one. The corresponding C type is `curl_slist`.
package final class HeaderList {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    /// Makes a list.
    ///
    /// - Parameters:
    ///   - fields: The fields to send.
    ///   - expectsContinue: Whether a body waits for `100 Continue`, for a second at most.
    /// - Throws: ``CurlError/outOfMemory``.
    package init(_ fields: [HeaderField], expectsContinue: Bool = false) throws(CurlError) {
        // A name and a bare colon takes a field out; a field without value ends in a semicolon.
        var lines = fields.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        lines.append(expectsContinue ? "Expect: 100-continue" : "Expect:")
        if !fields.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        for line in lines {
            guard let longer = curl_slist_append(first, line) else { throw .outOfMemory }
            first = longer
        }
    }

    deinit { curl_slist_free_all(first) }
}
