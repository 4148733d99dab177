#include "gatehouse/guard/secrets/secret_rows.h"

namespace gatehouse::guard {
namespace {

constexpr auto kCrc = SecretCheck::base62_crc;

constexpr SecretRow kRows[] = {
    // GitHub: "About authentication to GitHub", token prefixes; 30 characters and a CRC-32 in six base62 digits
    // (GitHub engineering, "Behind GitHub's new authentication token formats").
    {"GITHUB_PERSONAL_ACCESS_TOKEN", "github", "vcs", "GitHub personal access token (classic)", "ghp_{w36}", 3, kCrc},
    {"GITHUB_FINE_GRAINED_TOKEN", "github", "vcs", "GitHub fine-grained token", "github_pat_{w22}_{w59}", 3},
    {"GITHUB_OAUTH_TOKEN", "github", "vcs", "GitHub OAuth token", "gho_{w36}", 3, kCrc},
    {"GITHUB_USER_TOKEN", "github", "vcs", "GitHub App user token", "ghu_{w36}", 3, kCrc},
    {"GITHUB_APP_TOKEN", "github", "vcs", "GitHub App installation token", "ghs_{w36}", 3, kCrc},
    {"GITHUB_REFRESH_TOKEN", "github", "vcs", "GitHub App refresh token", "ghr_{w36,76}", 3, kCrc},

    // GitLab: "Token overview", prefixes; routable tokens carry a payload and a CRC behind a dot.
    {"GITLAB_PERSONAL_ACCESS_TOKEN", "gitlab", "vcs", "GitLab personal, project or group token",
     "glpat-{b27,300}.{l9}"},
    {"GITLAB_PERSONAL_ACCESS_TOKEN", "gitlab", "vcs", "GitLab personal, project or group token",
     "glpat-{b27,300}.{l2}.{l9}"},
    {"GITLAB_PERSONAL_ACCESS_TOKEN", "gitlab", "vcs", "GitLab personal, project or group token", "glpat-{b20,64}"},
    {"GITLAB_DEPLOY_TOKEN", "gitlab", "vcs", "GitLab deploy token", "gldt-{b20,64}"},
    {"GITLAB_RUNNER_TOKEN", "gitlab", "vcs", "GitLab runner authentication token", "glrt-{b20,300}"},
    {"GITLAB_RUNNER_TOKEN", "gitlab", "vcs", "GitLab runner authentication token", "glrtr-{b20,300}"},
    {"GITLAB_RUNNER_REGISTRATION_TOKEN", "gitlab", "vcs", "GitLab runner registration token", "GR1348941{b20}"},
    {"GITLAB_CI_JOB_TOKEN", "gitlab", "vcs", "GitLab CI/CD job token", "glcbt-{w1,5}_{b20,64}"},
    {"GITLAB_PIPELINE_TRIGGER_TOKEN", "gitlab", "vcs", "GitLab pipeline trigger token", "glptt-{h40}"},
    {"GITLAB_FEED_TOKEN", "gitlab", "vcs", "GitLab feed token", "glft-{b20,64}"},
    {"GITLAB_INCOMING_MAIL_TOKEN", "gitlab", "vcs", "GitLab incoming mail token", "glimt-{b25}"},
    {"GITLAB_AGENT_TOKEN", "gitlab", "vcs", "GitLab agent for Kubernetes token", "glagent-{b50,64}"},
    {"GITLAB_OAUTH_SECRET", "gitlab", "vcs", "GitLab OAuth application secret", "gloas-{b64}"},
    {"GITLAB_SCIM_TOKEN", "gitlab", "vcs", "GitLab SCIM token", "glsoat-{b20,64}"},
    {"GITLAB_FEATURE_FLAG_TOKEN", "gitlab", "vcs", "GitLab feature flags client token", "glffct-{b20,64}"},
    {"GITLAB_SESSION_COOKIE", "gitlab", "vcs", "GitLab session cookie", "_gitlab_session=^{h32}"},

    {"BITBUCKET_APP_PASSWORD", "bitbucket", "vcs", "Bitbucket app password", "ATBB{w24,40}"},
    {"BITBUCKET_ACCESS_TOKEN", "bitbucket", "vcs", "Bitbucket repository access token", "ATCTT3xFfG{e120,250}", 4},
    {"BITBUCKET_DATA_CENTER_TOKEN", "bitbucket", "vcs", "Bitbucket Data Center HTTP token", "BBDC-{s40,48}"},
    {"ATLASSIAN_API_TOKEN", "atlassian", "saas", "Atlassian API token", "ATATT3{e150,250}", 4},
    {"ATLASSIAN_ADMIN_TOKEN", "atlassian", "saas", "Atlassian organisation API key", "ATCTT3{e120,250}", 4},

    // Registries.
    {"NPM_ACCESS_TOKEN", "npm", "registry", "npm access token", "npm_{w36}", 3, kCrc},
    {"PYPI_API_TOKEN", "pypi", "registry", "PyPI API token", "pypi-AgEIcHlwaS5vcmc{b50,1000}"},
    {"TEST_PYPI_API_TOKEN", "pypi", "registry", "TestPyPI API token", "pypi-AgENdGVzdC5weXBpLm9yZ{b50,1000}"},
    {"RUBYGEMS_API_KEY", "rubygems", "registry", "RubyGems API key", "rubygems_{h48}"},
    {"NUGET_API_KEY", "nuget", "registry", "NuGet API key", "oy2{l43}"},
    {"CRATES_IO_TOKEN", "crates", "registry", "crates.io API token", "cio{w32}"},
    {"CLOJARS_TOKEN", "clojars", "registry", "Clojars deploy token", "CLOJARS_{l60}"},
    {"DOCKER_HUB_TOKEN", "docker", "registry", "Docker Hub personal access token", "dckr_pat_{b27}"},
    {"DOCKER_HUB_ORG_TOKEN", "docker", "registry", "Docker Hub organisation token", "dckr_oat_{b27,40}"},
    {"PACKAGIST_TOKEN", "packagist", "registry", "Packagist token", "packagist_uut_{h40,72}"},
    {"PACKAGIST_TOKEN", "packagist", "registry", "Packagist token", "packagist_out_{h40,72}"},
    {"ARTIFACTORY_API_KEY", "jfrog", "registry", "JFrog Artifactory API key", "AKCp{w69}", 4},
    {"ARTIFACTORY_REFERENCE_TOKEN", "jfrog", "registry", "JFrog reference token", "cmVmd{w59}", 4},
    {"BUF_TOKEN", "buf", "registry", "Buf schema registry token", "buf_{h64}"},

    // Builds and code quality.
    {"CIRCLECI_PERSONAL_TOKEN", "circleci", "ci", "CircleCI personal token", "CCIPAT_{w22}_{h40}"},
    {"CIRCLECI_PROJECT_TOKEN", "circleci", "ci", "CircleCI project token", "CCIPRJ_{w22}_{h40}"},
    {"BUILDKITE_API_TOKEN", "buildkite", "ci", "Buildkite API token", "bkua_{h40}"},
    {"BUILDKITE_AGENT_TOKEN", "buildkite", "ci", "Buildkite agent token", "bkct_{b40,90}"},
    {"HARNESS_API_KEY", "harness", "ci", "Harness personal API key", "pat.{b22}.{w24}.{w20}"},
    {"HARNESS_API_KEY", "harness", "ci", "Harness service account key", "sat.{b22}.{w24}.{w20}"},
    {"OCTOPUS_DEPLOY_API_KEY", "octopus", "ci", "Octopus Deploy API key", "API-{u25,32}"},
    {"TEAMCITY_TOKEN", "teamcity", "ci", "TeamCity access token", "eyJ0eXAiOiAiVENWMiJ9.{b24,80}.{b24,90}"},
    {"SNYK_TOKEN", "snyk", "ci", "Snyk personal access token", "snyk_uat.{l8}.{b40,1000}.{b40,300}"},
    {"SONAR_USER_TOKEN", "sonar", "ci", "SonarQube user token", "squ_{h40}"},
    {"SONAR_PROJECT_TOKEN", "sonar", "ci", "SonarQube project token", "sqp_{h40}"},
    {"SONAR_GLOBAL_TOKEN", "sonar", "ci", "SonarQube global analysis token", "sqa_{h40}"},
    {"SOURCEGRAPH_TOKEN", "sourcegraph", "ci", "Sourcegraph access token", "sgp_{x40}"},
    {"SOURCEGRAPH_TOKEN", "sourcegraph", "ci", "Sourcegraph access token", "sgp_{x16}_{x40}"},
    {"SOURCEGRAPH_TOKEN", "sourcegraph", "ci", "Sourcegraph access token", "sgp_local_{x40}"},
    {"SOURCEGRAPH_LICENSE_KEY", "sourcegraph", "ci", "Sourcegraph licence key", "slk_{h64}"},
    {"PREFECT_API_KEY", "prefect", "ci", "Prefect API key", "pnu_{w36}"},
    {"PREFECT_API_KEY", "prefect", "ci", "Prefect service account key", "pnb_{w36}"},
    {"INFRACOST_API_KEY", "infracost", "ci", "Infracost API key", "ico-{w32}"},
    {"TRIGGER_DEV_KEY", "trigger_dev", "ci", "Trigger.dev secret key", "tr_prod_{w20,24}"},
    {"INNGEST_SIGNING_KEY", "inngest", "ci", "Inngest signing key", "signkey-prod-{h64}"},
    {"DBT_CLOUD_TOKEN", "dbt", "ci", "dbt Cloud service token", "dbtc_{b40,64}"},
    {"DBT_CLOUD_TOKEN", "dbt", "ci", "dbt Cloud user token", "dbtu_{b40,64}"},
    {"INTRA42_CLIENT_SECRET", "intra42", "ci", "42 intra client secret", "s-s4t2ud-{h64}"},
    {"INTRA42_CLIENT_SECRET", "intra42", "ci", "42 intra client secret", "s-s4t2af-{h64}"},
    {"SETTLEMINT_TOKEN", "settlemint", "ci", "SettleMint personal token", "sm_pat_{w16}", 2.5},
    {"SETTLEMINT_TOKEN", "settlemint", "ci", "SettleMint application token", "sm_aat_{w16}", 2.5},
    {"SETTLEMINT_TOKEN", "settlemint", "ci", "SettleMint service token", "sm_sat_{w16}", 2.5},
};

}  // namespace

std::span<const SecretRow> developer_secret_rows() { return kRows; }

}  // namespace gatehouse::guard
