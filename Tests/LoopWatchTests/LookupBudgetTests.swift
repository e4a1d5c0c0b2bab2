import Testing

import LoopWatch

/// The processor time that looking up lines may take.
@Suite struct LookupBudgetTests {
    @Test func `a lookup is allowed as long as nothing is owed`() {
        var budget = LookupBudget(perSecond: .milliseconds(20), firstCredit: .milliseconds(20), now: .zero)
        #expect(budget.delay(at: .zero) == .zero)
        budget.spend(.milliseconds(19), at: .zero)
        #expect(budget.delay(at: .zero) == .zero)
        budget.spend(.milliseconds(1), at: .zero)
        #expect(budget.delay(at: .zero) > .zero)
    }

    @Test func `a dear lookup makes the next wait until it is paid`() {
        var budget = LookupBudget(perSecond: .milliseconds(20), firstCredit: .milliseconds(20), now: .zero)
        budget.spend(.milliseconds(60), at: .zero)
        #expect(budget.delay(at: .zero) == .seconds(2))
        #expect(budget.delay(at: .seconds(1)) == .seconds(1))
        #expect(budget.delay(at: .seconds(3)) == .zero)
    }

    @Test func `no more is saved up than one second earns`() {
        var budget = LookupBudget(perSecond: .milliseconds(20), firstCredit: .zero, now: .zero)
        budget.spend(.milliseconds(40), at: .seconds(3600))
        #expect(budget.delay(at: .seconds(3600)) == .seconds(1))
    }

    @Test func `the first credit may be more than one second earns`() {
        var budget = LookupBudget(perSecond: .milliseconds(20), firstCredit: .milliseconds(200), now: .zero)
        budget.spend(.milliseconds(150), at: .seconds(1))
        #expect(budget.delay(at: .seconds(1)) == .zero)
        budget.spend(.milliseconds(70), at: .seconds(1))
        #expect(budget.delay(at: .seconds(1)) == .seconds(1))
    }

    @Test func `lookups of one second together cost no more than its share`() {
        var budget = LookupBudget(perSecond: .milliseconds(20), firstCredit: .zero, now: .zero)
        var now = Duration.zero
        var spent = Duration.zero
        while now < .seconds(60) {
            let delay = budget.delay(at: now)
            guard delay == .zero else {
                now += delay
                continue
            }
            budget.spend(.milliseconds(5), at: now)
            spent += .milliseconds(5)
        }
        #expect(spent <= .milliseconds(60 * 20 + 5))
        #expect(spent >= .milliseconds(60 * 20 - 10))
    }

    @Test func `a clock that stands still or goes back earns nothing`() {
        var budget = LookupBudget(perSecond: .milliseconds(20), firstCredit: .zero, now: .seconds(5))
        #expect(budget.delay(at: .seconds(5)) > .zero)
        #expect(budget.delay(at: .seconds(4)) > .zero)
    }
}
