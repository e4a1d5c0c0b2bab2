import S3Wire

/// The rules for names of buckets.
enum BucketName {
    private static let reservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"]
    private static let reservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3"]
    private static let forbidden = ["..", ".-", "-."]

    /// Makes sure a name may be given to a bucket.
    ///
    /// - Parameter name: The name.
    /// - Throws: ``S3RequestError`` (InvalidBucketName).
    static func check(_ name: String) throws(S3RequestError) {
        guard isValid(name) else {
            throw S3RequestError(.invalidBucketName, details: [.init("BucketName", name)])
        }
    }

    private static func isValid(_ name: String) -> Bool {
        let characters = Array(name.utf8)
        guard (3...63).contains(characters.count),
            characters.allSatisfy({ isAlphanumeric($0) || ".-".utf8.contains($0) }),
            isAlphanumeric(characters[0]), isAlphanumeric(characters[characters.count - 1])
        else { return false }
        return !forbidden.contains { name.contains($0) } && !reservedPrefixes.contains { name.hasPrefix($0) }
            && !reservedSuffixes.contains { name.hasSuffix($0) } && !isAddress(name)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isAddress(_ name: String) -> Bool {
        let parts = name.split(separator: ".")
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
