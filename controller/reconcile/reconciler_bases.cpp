// SPDX-License-Identifier: Apache-2.0
// What a base image adds to a Dockerfile: its ONBUILD is known only where the engine has it, which is so
// after a build at the latest. Asked once for what is desired, and again after each apply.
#include "controller/reconcile/reconciler_run.hpp"

#include <algorithm>

namespace trueup::reconcile {

Task<void> Reconciler::look_at_bases(Run& run) {
    Memory& memory = run.memory;
    if (memory.bases_known) co_return Result<void>();
    memory.bases_known = true;
    std::shared_ptr<Desired> told;
    for (const auto& [service, base] : run.findings.desired->bases) {
        const auto trigger = co_await code::untraced_triggers(parts_.engine, base);
        if (!trigger && trigger.error().code() == Errc::cancelled) co_return trigger.error();
        // The next look asks again.
        if (!trigger) memory.bases_known = false;
        if (!trigger || !*trigger) continue;
        const auto known = run.findings.desired->unplaced.find(service);
        if (known != run.findings.desired->unplaced.end() &&
            std::find(known->second.begin(), known->second.end(), **trigger) != known->second.end())
            continue;
        if (told == nullptr) told = std::make_shared<Desired>(*run.findings.desired);
        told->untraced[service].push_back(**trigger);
        told->unplaced[service].push_back(**trigger);
    }
    if (told == nullptr) co_return Result<void>();
    memory.desired = std::move(told);
    run.findings.desired = memory.desired;
    co_return Result<void>();
}

}    // namespace trueup::reconcile
