// SPDX-License-Identifier: Apache-2.0
// process_* as Prometheus' client libraries export them, read from /proc at this moment.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace trueup::metrics {

// What cannot be read is left out.
std::vector<prometheus::MetricFamily> collect_process();

}    // namespace trueup::metrics
