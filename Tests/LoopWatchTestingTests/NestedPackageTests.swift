import Foundation
import Testing

/// That traits and assertion find what they must, and say where: `scripts/test-detection` runs this.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["INGEST_BENCH_NESTED_TESTS"] != nil))
struct NestedPackageTests {
    @Test func `each trait and the assertion fail their tests at the line to blame`() async throws {
        let package = NestedPackage("Detection")
        let outcome = try await package.test()
        #expect(outcome.status == 1)

        let offences = "Tests/DetectionTests/Offences.swift"
        let block = try #require(try package.line(of: "the line to blame", in: offences))
        let task = try #require(try package.line(of: "the line that makes a task", in: offences))
        let thread = try #require(try package.line(of: "the line that makes a thread", in: offences))
        #expect(
            outcome.testsWithIssues(at: "Offences.swift:\(block)", saying: "readSlowly → sleep")
                == ["blocks a loop", "leaves one of each"]
        )
        #expect(
            outcome.testsWithIssues(at: "Offences.swift:\(task)", saying: "task \"left-task\" not finished")
                == [
                    "leaves a task", "leaves one of each", "leaves one of each and is asked for tasks",
                    "leaves a task in a suite",
                ],
            "\(outcome.lines.joined(separator: "\n"))"
        )
        #expect(
            outcome.testsWithIssues(at: "Offences.swift:\(thread)", saying: "still running")
                == ["leaves a thread", "leaves one of each", "leaves one of each and is asked for threads"]
        )
        #expect(
            outcome.testsWithIssues(at: "Offences.swift:\(task)", saying: "left-task", areWarnings: true)
                == ["is warned of a task", "has a task cancelled"]
        )
        for name in [
            "may leave whatever it likes", "is warned of a task", "has a task cancelled", "leaves nothing",
        ] {
            #expect(outcome.lines.contains { $0.hasPrefix("✔ Test \"\(name)\" passed") }, "\(name)")
        }

        let assertions = "Tests/DetectionTests/AssertionTests.swift"
        let assertion = try #require(try package.line(of: "the line of the assertion", in: assertions))
        let failures = outcome.reports(at: "AssertionTests.swift:\(assertion)") { $0.contains(" error: ") }
        #expect(failures.count == 1)
        for text in ["readSlowly → sleep", "task \"left-task\" not finished", "still running"] {
            #expect(failures.first?.contains(text) == true, "\(text)")
        }
        #expect(
            outcome.lines.contains { $0.hasPrefix("Test Case 'AssertionTests.testLeavesNothing' passed") }
        )
    }
}
