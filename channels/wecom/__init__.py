"""WeCom (企业微信) as a channel: the 自建应用, an app whose callbacks come by HTTP and which speaks through the API."""
