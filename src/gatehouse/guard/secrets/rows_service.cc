#include "gatehouse/guard/secrets/secret_rows.h"

namespace gatehouse::guard {
namespace {

constexpr SecretRow kRows[] = {
    // Work.
    {"LINEAR_API_KEY", "linear", "saas", "Linear API key", "lin_api_{w40}"},
    {"LINEAR_OAUTH_TOKEN", "linear", "saas", "Linear OAuth token", "lin_oauth_{h64}"},
    {"NOTION_TOKEN", "notion", "saas", "Notion integration token", "ntn_{d11}{w35}"},
    {"NOTION_TOKEN", "notion", "saas", "Notion integration token (older)", "secret_{w43}"},
    {"AIRTABLE_PERSONAL_TOKEN", "airtable", "saas", "Airtable personal access token", "pat{w14}.{h64}"},
    {"ASANA_PERSONAL_TOKEN", "asana", "saas", "Asana personal access token", "1/{d16}:{h32}"},
    {"ASANA_PERSONAL_TOKEN", "asana", "saas", "Asana personal access token", "2/{d16}/{d16}:{h32}"},
    {"CLICKUP_API_TOKEN", "clickup", "saas", "ClickUp API token", "pk_{d6,9}_{u32}"},
    {"TRELLO_TOKEN", "atlassian", "saas", "Trello token", "ATTA{x64}"},
    {"FIGMA_TOKEN", "figma", "saas", "Figma personal access token", "figd_{b38,44}"},
    {"FIGMA_OAUTH_TOKEN", "figma", "saas", "Figma OAuth token", "figu_{b38,44}"},
    {"CANVA_CLIENT_SECRET", "canva", "saas", "Canva client secret", "cnvca{b40,60}"},
    {"ADOBE_CLIENT_SECRET", "adobe", "saas", "Adobe client secret", "p8e-{b32}"},
    {"FRAMEIO_TOKEN", "frameio", "saas", "Frame.io token", "fio-u-{e64}"},
    {"DROPBOX_SHORT_LIVED_TOKEN", "dropbox", "saas", "Dropbox short-lived token", "sl.{b130,160}"},
    {"DROPBOX_SHORT_LIVED_TOKEN", "dropbox", "saas", "Dropbox short-lived token", "sl.u.{b130,2000}"},
    {"TYPEFORM_TOKEN", "typeform", "saas", "Typeform personal token", "tfp_{g45,90}"},
    {"CONTENTFUL_PERSONAL_TOKEN", "contentful", "saas", "Contentful personal access token", "CFPAT-{b43}"},
    {"README_API_KEY", "readme", "saas", "ReadMe API key", "rdme_{l70}"},
    {"CALCOM_API_KEY", "calcom", "saas", "Cal.com API key", "cal_live_{h32}"},
    {"HUBSPOT_TOKEN", "hubspot", "saas", "HubSpot private app token", "pat-na1-{uuid}"},
    {"HUBSPOT_TOKEN", "hubspot", "saas", "HubSpot private app token", "pat-eu1-{uuid}"},
    {"HUBSPOT_TOKEN", "hubspot", "saas", "HubSpot private app token", "pat-na2-{uuid}"},
    {"SALESFORCE_ACCESS_TOKEN", "salesforce", "saas", "Salesforce session id", "00D{w12}!{g60,200}", 4},
    {"SALESFORCE_ACCESS_TOKEN", "salesforce", "saas", "Salesforce session id", "00D{w15}!{g60,200}", 4},
    {"SALESFORCE_REFRESH_TOKEN", "salesforce", "saas", "Salesforce refresh token", "5Aep861{g60,120}"},
    {"ZOHO_TOKEN", "zoho", "saas", "Zoho OAuth token", "1000.{h32}.{h32}"},
    {"INTERCOM_TOKEN", "intercom", "saas", "Intercom access token", "dG9rO{s50,90}{q0,2}"},
    {"WORDPRESS_COM_TOKEN", "automattic", "saas", "Jetpack or WooCommerce consumer secret", "cs_{h40}"},
    {"WOOCOMMERCE_CONSUMER_KEY", "automattic", "saas", "WooCommerce consumer key", "ck_{h40}"},
    {"LOB_API_KEY", "lob", "saas", "Lob API key", "live_{h35}"},
    {"LOB_TEST_API_KEY", "lob", "saas", "Lob test API key", "test_{h35}"},

    // Watching systems.
    {"DYNATRACE_API_TOKEN", "dynatrace", "monitoring", "Dynatrace API token", "dt0c01.{w24}.{w64}"},
    {"DYNATRACE_PLATFORM_TOKEN", "dynatrace", "monitoring", "Dynatrace platform token", "dt0s16.{w8,24}.{w64}"},
    {"DYNATRACE_OAUTH_SECRET", "dynatrace", "monitoring", "Dynatrace OAuth client secret", "dt0s02.{w8,24}.{w64}"},
    {"NEW_RELIC_USER_KEY", "newrelic", "monitoring", "New Relic user key", "NRAK-{w27}"},
    {"NEW_RELIC_BROWSER_KEY", "newrelic", "monitoring", "New Relic browser key", "NRJS-{h19}", 2.8F},
    {"NEW_RELIC_INSERT_KEY", "newrelic", "monitoring", "New Relic insights insert key", "NRII-{b32}"},
    {"NEW_RELIC_QUERY_KEY", "newrelic", "monitoring", "New Relic insights query key", "NRIQ-{b32}"},
    {"NEW_RELIC_LICENSE_KEY", "newrelic", "monitoring", "New Relic licence key", "{h32}FFFFNRAL"},
    {"NEW_RELIC_LICENSE_KEY", "newrelic", "monitoring", "New Relic licence key (EU)", "eu01xx{h30}NRAL"},
    {"SENTRY_ORG_TOKEN", "sentry", "monitoring", "Sentry organisation token", "sntrys_eyJ{s60,500}{q0,2}_{s43}"},
    {"SENTRY_USER_TOKEN", "sentry", "monitoring", "Sentry user token", "sntryu_{h64}"},
    {"SENTRY_APP_TOKEN", "sentry", "monitoring", "Sentry integration token", "sntrya_{h64}"},
    {"GRAFANA_SERVICE_ACCOUNT_TOKEN", "grafana", "monitoring", "Grafana service account token", "glsa_{w32}_{x8}"},
    {"GRAFANA_CLOUD_TOKEN", "grafana", "monitoring", "Grafana Cloud access policy token", "glc_{s32,400}{q0,3}"},
    {"GRAFANA_API_KEY", "grafana", "monitoring", "Grafana API key (older)", "eyJrIjoi{s40,400}{q0,3}"},
    {"HONEYCOMB_API_KEY", "honeycomb", "monitoring", "Honeycomb ingest key", "hcaik_{l58}"},
    {"HONEYCOMB_API_KEY", "honeycomb", "monitoring", "Honeycomb management key", "hcamk_{l58}"},
    {"ROOTLY_API_TOKEN", "rootly", "monitoring", "Rootly API token", "rootly_{h64}"},
    {"PAGERDUTY_API_KEY", "pagerduty", "monitoring", "PagerDuty user API key", "u+{b18}", 3},
    {"POSTHOG_PERSONAL_KEY", "posthog", "monitoring", "PostHog personal API key", "phx_{b43,48}"},
    {"LAUNCHDARKLY_SDK_KEY", "launchdarkly", "saas", "LaunchDarkly SDK key", "sdk-{uuid}"},
    {"LAUNCHDARKLY_ACCESS_TOKEN", "launchdarkly", "saas", "LaunchDarkly access token", "api-{uuid}"},
    {"ADAFRUIT_IO_KEY", "adafruit", "saas", "Adafruit IO key", "aio_{w28}"},

    // Who is who.
    {"STYTCH_SECRET", "stytch", "identity", "Stytch project secret", "secret-live-{b36}="},
    {"STYTCH_TEST_SECRET", "stytch", "identity", "Stytch test secret", "secret-test-{b36}="},
    {"ORY_TOKEN", "ory", "identity", "Ory personal access token", "ory_pat_{w32,64}"},
    {"ORY_TOKEN", "ory", "identity", "Ory access token", "ory_at_{b43}.{b43}"},
    {"ORY_TOKEN", "ory", "identity", "Ory refresh token", "ory_rt_{b43}.{b43}"},
    {"PERMIT_API_KEY", "permit", "identity", "Permit.io API key", "permit_key_{w90,110}"},
    {"UNKEY_ROOT_KEY", "unkey", "identity", "Unkey root key", "unkey_{w16,48}"},
    {"AUTHRESS_ACCESS_KEY", "authress", "identity", "Authress service client key",
     "sc_{l5,30}.{l4,6}.acc-{k10,32}.{e30,120}"},
    {"AUTHRESS_ACCESS_KEY", "authress", "identity", "Authress service client key",
     "sc_{l5,30}.{l4,6}.acc_{k10,32}.{e30,120}"},
    {"PERSONA_API_KEY", "persona", "identity", "Persona API key", "persona_production_{uuid}"},

    // Developers' tools and data.
    {"POSTMAN_API_KEY", "postman", "saas", "Postman API key", "PMAK-{h24}-{h34}"},
    {"POSTMAN_COLLECTION_KEY", "postman", "saas", "Postman collection access key", "PMAT-{u26}"},
    {"MAPBOX_SECRET_TOKEN", "mapbox", "saas", "Mapbox secret token", "sk.eyJ{b60,120}.{b20,24}"},
    {"FACEBOOK_ACCESS_TOKEN", "meta", "social", "Facebook or WhatsApp access token", "EAA{w90,300}", 3.5},
    {"INSTAGRAM_ACCESS_TOKEN", "meta", "social", "Instagram access token", "IGQ{b100,300}", 3.5},
    {"TWITTER_BEARER_TOKEN", "x", "social", "X (Twitter) bearer token", "AAAAAAAAAAAAAAAAAAAAA{p80,120}"},
    {"EBAY_CLIENT_SECRET", "ebay", "social", "eBay production certificate id", "PRD-{h12}-{h4}-{h4}-{h4}-{h4}"},
    {"ZUPLO_API_KEY", "zuplo", "saas", "Zuplo API key", "zpka_{h32}_{h8}"},
    {"APIFY_API_TOKEN", "apify", "saas", "Apify API token", "apify_api_{w34,40}"},
    {"SCRAPFLY_API_KEY", "scrapfly", "saas", "Scrapfly API key", "scp-live-{h32}"},
    {"CONVEX_DEPLOY_KEY", "convex", "saas", "Convex deploy key", "prod:{k10,40}|{s40,200}{q0,2}"},
    {"NGROK_API_KEY", "ngrok", "infrastructure", "ngrok credential", "ngrok_{w40,64}"},
};

}  // namespace

std::span<const SecretRow> service_secret_rows() { return kRows; }

}  // namespace gatehouse::guard
