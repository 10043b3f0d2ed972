<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns="urn:exhibits"
    xmlns:x="urn:exhibits" exclude-result-prefixes="x">
  <xsl:template match="/x:Exhibit">
    <Rows>
      <xsl:for-each select="*"><Row name="{local-name()}"><xsl:value-of select="."/></Row></xsl:for-each>
    </Rows>
  </xsl:template>
</xsl:stylesheet>
