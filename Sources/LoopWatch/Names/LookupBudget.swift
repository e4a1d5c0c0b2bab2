/// How much processor time may go into looking up source lines.
///
/// A lookup's cost is known only afterwards, so one is allowed as soon as nothing is owed, and a dear one makes
/// the next wait longer.
package struct LookupBudget: Sendable {
    private let share: Double
    private let most: Duration
    private var credit: Duration
    private var earnedAt: Duration

    /// Makes a budget.
    ///
    /// - Parameters:
    ///   - perSecond: The processor time that each second earns, and the most that is saved up.
    ///   - firstCredit: What is there at the beginning: the first lookup opens the program's debug information.
    ///   - now: The time.
    package init(perSecond: Duration, firstCredit: Duration, now: Duration) {
        share = perSecond / .seconds(1)
        most = perSecond
        credit = firstCredit
        earnedAt = now
    }

    /// How long the next lookup has to wait.
    ///
    /// - Parameter now: The time.
    /// - Returns: Zero when it may begin.
    package mutating func delay(at now: Duration) -> Duration {
        earn(until: now)
        guard credit <= .zero else { return .zero }
        return max(.microseconds(1), (.zero - credit) / share)
    }

    /// Pays for a lookup.
    ///
    /// - Parameters:
    ///   - cost: The processor time that it took.
    ///   - now: The time.
    package mutating func spend(_ cost: Duration, at now: Duration) {
        earn(until: now)
        credit -= cost
    }

    private mutating func earn(until now: Duration) {
        guard now > earnedAt else { return }
        if credit < most { credit = min(most, credit + (now - earnedAt) * share) }
        earnedAt = now
    }
}
