@set runtime=node
@where node >nul 2>nul || set runtime=bun
@where %runtime% >nul 2>nul || (echo pulumi-resource-alicloud-image needs Node.js 20.19 or later, and there is neither node nor bun on PATH: https://nodejs.org 1>&2 & exit /b 1)
@%runtime% "%~dp0pulumi-resource-alicloud-image.js" %*
