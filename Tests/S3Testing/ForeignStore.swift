import Foundation
package import S3Wire
package import Testing

/// A store that runs elsewhere, to run the tests against instead of S3Lite.
///
/// `S3_ENDPOINT` names it, as in `http://127.0.0.1:8333`; the keys come from `AWS_ACCESS_KEY_ID` and
/// `AWS_SECRET_ACCESS_KEY`, the region from `AWS_REGION`.
package struct ForeignStore: Sendable {
    /// Where it is.
    package let endpoint: S3Endpoint
    /// The key pair that may do anything there.
    package let credentials: S3Credentials

    /// The store that the environment names; nil if the tests are to start stores of their own.
    package static let current: ForeignStore? = {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["S3_ENDPOINT"], !url.isEmpty else { return nil }
        do {
            let credentials = try S3Credentials.fromEnvironment(environment)
            let region = credentials.region ?? "us-east-1"
            return ForeignStore(
                endpoint: try S3Endpoint(url: url, region: region),
                credentials: credentials
            )
        } catch {
            fatalError("S3_ENDPOINT is set, but can't be used: \(error)")
        }
    }()

    /// Ends a test that only means something to a store of its own.
    ///
    /// - Parameter reason: What it needs.
    /// - Throws: What ends the test as skipped, if another store is tested.
    package static func skip(_ reason: Comment) throws {
        guard current != nil else { return }
        try Test.cancel(reason)
    }

    /// A bucket's name that no other test and no other run uses.
    package static func uniqueBucket() -> String {
        "test-\(UUID().uuidString.lowercased().prefix(18))"
    }
}
