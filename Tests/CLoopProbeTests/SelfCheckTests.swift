import CLoopProbe
import Foundation
import Testing

extension ProbeTests {
    @Suite struct SelfChecks {
        private static let mechanisms: [(lp_mechanism, String)] = [
            (LP_LOOP_PROBE, "loops"), (LP_STACKS, "stacks"), (LP_ASYNC_CALLERS, "async"),
            (LP_SCHEDULE, "schedule"), (LP_SHIELDS, "shields"),
        ]

        @Test func `every mechanism works in this process`() {
            for (mechanism, name) in Self.mechanisms {
                #expect(lp_self_check(Int32(mechanism.rawValue)), "\(name)")
            }
        }

        #if os(Linux)
        @Test func `a mechanism that is turned off fails its check, and what stands on it`() async {
            // In a process of its own, for what fails its check is used no more.
            await #expect(processExitsWith: .success) {
                for (disabled, name) in Self.mechanisms {
                    setenv("LOOPWATCH_DISABLE", "tasks,\(name)", 1)
                    for (mechanism, _) in Self.mechanisms {
                        // Without stacks nobody's calls are ended, so there is nothing to show for shields.
                        let isLost =
                            mechanism == disabled || (mechanism == LP_SHIELDS && disabled == LP_STACKS)
                        #expect(lp_self_check(Int32(mechanism.rawValue)) != isLost, "\(name)")
                    }
                }
            }
        }
        #endif

        @Test func `an unknown mechanism never works`() {
            #expect(!lp_self_check(99))
        }
    }
}
