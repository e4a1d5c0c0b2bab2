#if canImport(XCTest)
public import LoopWatch
public import XCTest

extension XCTestCase {
    /// Fails for whatever blocks while a body runs, and for every task and thread made inside that outlives it.
    ///
    /// - Parameters:
    ///   - checks: What is looked for, and what is done with it; what would be thrown fails the test.
    ///   - file: Left to the compiler.
    ///   - function: Left to the compiler.
    ///   - line: Left to the compiler.
    ///   - isolation: Left to the compiler.
    ///   - body: What is watched.
    /// - Returns: What the body returned.
    /// - Throws: What the body threw, or `LoopWatchError`.
    @discardableResult
    public func assertNoLeaks<Result>(
        _ checks: LeakChecks = LeakChecks(),
        file: StaticString = #filePath,
        function: String = #function,
        line: UInt = #line,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        let path = SourcePath(path: "\(file)").shortPath
        let site = CallSite(file: path, function: function, line: Int(line))
        let scopes = try await LeakScopes.open(checks)
        scopes.warning.map(Finding.warnOnce)
        let result: Result
        do {
            result = try await scopes.run(body)
        } catch {
            _ = await scopes.close(at: site, besideAnotherError: true)
            throw error
        }
        if let found = await scopes.close(at: site) {
            XCTFail(found.description, file: file, line: line)
        }
        return result
    }
}
#endif
